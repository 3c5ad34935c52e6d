"""Registering merchants over the API, and rotating key and secret while the old ones go on working, to the instant."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from reference_server.merchants.model import Merchant, RetiredCredential
from reference_server.settings import Settings
from tests.reference_server.stage import API_KEY, API_SECRET, SETTINGS, Stage, staged

ADMIN_TOKEN = "0123456789abcdef"
OVERLAP_SECONDS = 24 * 3600


def headers_of(credentials: dict[str, Any], **changes: str) -> dict[str, str]:
    shown = credentials | changes
    return {"x-api-key": shown["api_key"], "x-api-secret": shown["api_secret"]}


async def register(stage: Stage, *, token: str = "", **body: Any) -> httpx.Response:
    headers = {"x-admin-token": token} if token else {}
    told = {"email": "owner@shop.example"} | body
    return await stage.client.post("/api/v1/merchants", json=told, headers=headers)


async def registered(stage: Stage, **body: Any) -> dict[str, Any]:
    answer = await register(stage, **body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def read(stage: Stage, credentials: dict[str, Any], **changes: str) -> httpx.Response:
    return await stage.client.get("/api/v1/merchants/me", headers=headers_of(credentials, **changes))


async def rotate(stage: Stage, half: str, credentials: dict[str, Any], **body: int) -> dict[str, Any]:
    path = f"/api/v1/merchants/me/{half}"
    answer = await stage.client.post(path, json=body, headers=headers_of(credentials))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_registered_merchant_has_the_sandbox_and_reads_itself_without_secrets() -> None:
    async with staged() as stage:
        merchant = await registered(stage, email="Owner@Shop.example")
        assert (merchant["email"], merchant["gateways"]) == ("owner@shop.example", ["sandbox"])
        told = await read(stage, merchant)
        assert told.status_code == 200, told.text
        assert told.json()["id"] == merchant["id"]
        assert merchant["api_secret"] not in told.text


async def test_an_email_is_of_one_merchant_whatever_its_capitals() -> None:
    async with staged() as stage:
        await registered(stage)
        assert (await register(stage, email="OWNER@shop.example")).status_code == 409


@pytest.mark.parametrize(
    ("settings", "shown", "status"),
    [
        ({}, "", 201),
        ({"admin_token": SecretStr(ADMIN_TOKEN)}, ADMIN_TOKEN, 201),
        ({"admin_token": SecretStr(ADMIN_TOKEN)}, ADMIN_TOKEN[:-1], 403),
        ({"admin_token": SecretStr(ADMIN_TOKEN)}, "", 403),
        ({"environment": "production"}, "", 403),
        ({"environment": "production"}, ADMIN_TOKEN, 403),
        ({"environment": "production", "admin_token": SecretStr(ADMIN_TOKEN)}, ADMIN_TOKEN, 201),
        ({"environment": "production", "admin_token": SecretStr(ADMIN_TOKEN)}, "", 403),
    ],
)
async def test_who_may_register_a_merchant(settings: dict[str, Any], shown: str, status: int) -> None:
    # Production takes neither a virtual clock nor a seed.
    plain = {"control": False, "clock": "system", "seed": None, "public_url": "https://server.test"}
    made = Settings.model_validate(SETTINGS.model_dump() | plain | settings)
    async with staged(made) as stage:
        stage.client.headers["x-forwarded-proto"] = "https"
        stage.client.base_url = httpx.URL("https://server.test")
        answer = await register(stage, token=shown)
        assert answer.status_code == status, answer.text


async def test_a_webhook_address_given_at_registration_becomes_the_first_endpoint() -> None:
    async with staged() as stage:
        merchant = await registered(stage, webhook_url="https://93.184.216.34/hooks")
        assert merchant["webhook_secret"].startswith("whsec_")
        assert (await read(stage, merchant)).json()["webhook_url"] == "https://93.184.216.34/hooks"


async def test_a_registration_with_an_address_inside_our_network_leaves_no_merchant() -> None:
    async with staged() as stage:
        assert (await register(stage, webhook_url="https://10.0.0.1/hooks")).status_code == 400
        await registered(stage)


async def test_secrets_are_stored_as_digests_alone() -> None:
    async with staged() as stage:
        merchant = await registered(stage)
        rotated = await rotate(stage, "secret", merchant)
        rows = await stage.server.database.read(
            lambda session: [*session.exec(select(Merchant)), *session.exec(select(RetiredCredential))]
        )
        stored = "".join(str(row.model_dump()) for row in rows)
        assert merchant["api_secret"] not in stored
        assert rotated["api_secret"] not in stored


@pytest.mark.parametrize("half", ["key", "secret"])
async def test_the_old_one_works_until_the_overlap_ends_and_not_at_its_end(half: str) -> None:
    async with staged() as stage:
        old = await registered(stage)
        new = await rotate(stage, half, old)
        changed = {f"api_{half}": new[f"api_{half}"]}
        await stage.advance(seconds=OVERLAP_SECONDS - 0.001)
        assert (await read(stage, old)).status_code == 200
        assert (await read(stage, old, **changed)).status_code == 200
        await stage.advance(seconds=0.001)
        assert (await read(stage, old)).status_code == 401
        assert (await read(stage, old, **changed)).status_code == 200


async def test_a_rotation_without_overlap_ends_every_older_secret_at_once() -> None:
    async with staged() as stage:
        first = await registered(stage)
        second = first | await rotate(stage, "secret", first)
        third = second | await rotate(stage, "secret", second, overlap_seconds=0)
        answers = [(await read(stage, shown)).status_code for shown in (first, second, third)]
        assert answers == [401, 401, 200]


async def test_a_lost_answer_of_a_rotation_is_mended_by_rotating_again_with_the_old_one() -> None:
    async with staged() as stage:
        old = await registered(stage)
        await rotate(stage, "secret", old)
        newest = old | await rotate(stage, "secret", old)
        assert (await read(stage, newest)).status_code == 200
        assert (await read(stage, old)).status_code == 200


async def test_the_secret_of_one_merchant_is_none_of_another() -> None:
    async with staged() as stage:
        one, other = await registered(stage), await registered(stage, email="other@shop.example")
        await rotate(stage, "secret", one)
        assert (await read(stage, other, api_secret=one["api_secret"])).status_code == 401
        assert (await read(stage, one, api_secret=API_SECRET)).status_code == 401
        assert (await read(stage, {"api_key": API_KEY, "api_secret": API_SECRET})).status_code == 200


async def test_no_secret_that_was_drawn_shows_in_the_journal() -> None:
    async with staged() as stage:
        merchant = await registered(stage, webhook_url="https://93.184.216.34/hooks")
        rotated = await rotate(stage, "secret", merchant)
        journal = str(stage.server.journal.read())
        for secret in (merchant["api_secret"], merchant["webhook_secret"], rotated["api_secret"]):
            assert secret not in journal
