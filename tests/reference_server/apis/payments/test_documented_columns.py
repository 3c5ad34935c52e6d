"""The documents' tables on the wire: every column under its own name, with the default that it has there."""

from typing import Any

import pytest

from tests.reference_server.apis.payments.shop import HEADERS, UPI, ended, get, post, sandbox_says
from tests.reference_server.stage import staged
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, hooked

# Document 001, lines 61 to 120. Whose a thing is (merchant_id) is told by whose key reads it.
PAYMENT = {
    *("id", "order_id", "amount", "currency", "method", "status", "captured", "error_code", "error_description"),
    *("created_at", "updated_at"),
}
REFUND = {"id", "payment_id", "amount", "reason", "status", "created_at", "processed_at"}
WEBHOOK = {
    *("id", "event", "payload", "status", "attempts", "last_attempt_at", "next_retry_at", "response_code"),
    *("response_body", "created_at"),
}
MERCHANT = {"id", "email", "api_key", "webhook_url", "created_at"}
SECRETS = {"api_secret", "webhook_secret"}
# Document 003, lines 107 to 111.
BODY = {"id", "event", "timestamp", "amount", "currency", "status"}


async def test_payments_and_refunds_have_the_documents_columns() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage)
        owed = (await post(stage, f"/payments/{payment_id}/refunds", {"amount": 100, "reason": "Broken"})).json()
        told = [await get(stage, f"/payments/{payment_id}"), (await get(stage, "/payments"))["items"][0]]
        back = [owed, await get(stage, f"/refunds/{owed['id']}"), (await get(stage, "/refunds"))["items"][0]]
    assert [PAYMENT - one.keys() for one in told] == [set()] * 2
    assert [REFUND - one.keys() for one in back] == [set()] * 3
    assert {(one["payment_id"], one["amount"], one["reason"], one["status"]) for one in back} == {
        (payment_id, 100, "Broken", "pending")
    }


async def test_what_nobody_says_of_a_payment_has_the_documents_default() -> None:
    async with staged(sandbox_says()) as stage:
        told = (await post(stage, "/payments", UPI)).json()
    defaults: dict[str, Any] = {"currency": "INR", "status": "pending", "captured": False}
    assert {name: told[name] for name in defaults} == defaults
    assert (told["error_code"], told["error_description"]) == (None, None)


async def test_a_merchant_has_the_documents_columns_and_its_secrets_once() -> None:
    async with staged() as stage:
        asked = {"email": "owner@shop.example", "webhook_url": "https://93.184.216.34/hooks"}
        made = (await stage.client.post("/api/v1/merchants", json=asked)).json()
        headers = {"x-api-key": made["api_key"], "x-api-secret": made["api_secret"]}
        read = (await stage.client.get("/api/v1/merchants/me", headers=headers)).json()
    assert (MERCHANT | SECRETS) - made.keys() == set()
    assert MERCHANT - read.keys() == SECRETS & read.keys() == set()


async def test_a_webhook_is_listed_in_the_documents_columns_and_sent_with_its_members() -> None:
    async with hooked() as world:
        world.hook.script = [503]
        await world.endpoint(HOOK_URL)
        await world.stage.paid()
        (listed,) = await world.deliveries()
    (sent,) = world.hook.taken
    assert WEBHOOK - listed.keys() == BODY - sent.told.keys() == set()
    assert sent.headers["content-type"] == "application/json"
    assert listed["payload"] == sent.told
    assert (listed["status"], listed["attempts"], listed["response_code"]) == ("pending", 1, 503)
    assert listed["response_body"] == "code 503"
    assert listed["last_attempt_at"] < listed["next_retry_at"]


FILTERS = [("/orders", "receipt"), ("/payments", "order_id"), ("/refunds", "payment_id"), ("/webhooks", "payment_id")]


@pytest.mark.parametrize(("path", "name"), FILTERS)
async def test_a_filter_that_reads_like_sql_finds_nothing_and_harms_nothing(path: str, name: str) -> None:
    async with hooked(HOOKS.model_copy(update={"provisioning_url": None})) as world:
        await world.endpoint()
        made = (await post(world.stage, "/orders", {"amount": 100, "receipt": "R-1"})).json()
        payment_id = await ended(world.stage, order_id=made["id"], amount=100)
        await post(world.stage, f"/payments/{payment_id}/refunds", {"amount": 100})
        assert (await get(world.stage, path))["total"] > 0
        for value in ("x' OR '1'='1", "x'; DROP TABLE payments; --", 'x" OR 1=1 --', "x') OR (1=1"):
            answer = await world.stage.client.get(f"/api/v1{path}", params={name: value}, headers=HEADERS)
            assert answer.status_code == 400 or answer.json()["total"] == 0, value
        assert (await get(world.stage, "/payments"))["total"] == 1
