"""Secrets that are shown once: no column of any table gives one away, though answers are kept to be given again."""

from typing import Any

import httpx
from sqlalchemy import select
from sqlmodel import Session, SQLModel

from reference_server.merchants.model import GatewayAccount
from reference_server.webhooks.model import EndpointSecret
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage, staged

# What has to be shown to others again and again is kept as it is: to sign webhooks, and to ask the gateway.
IN_CLEAR = {EndpointSecret.__tablename__: {"secret"}, GatewayAccount.__tablename__: {"credentials"}}
HOOK = {"url": "https://hooks.test/one"}


async def post(stage: Stage, path: str, body: dict[str, Any] | None, **headers: str) -> httpx.Response:
    asked = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "idempotency-key": "k-1"} | headers
    answer = await stage.client.post(path, json=body, headers=asked)
    assert answer.status_code < 300, answer.text
    return answer


async def shown(stage: Stage) -> dict[str, tuple[str, str]]:
    """Have every secret drawn and shown, twice where a key is taken; return each by what it is, with its second."""
    told: dict[str, tuple[str, str]] = {}
    opened = [(await post(stage, "/payment/init", ORDER)).json()["trackingToken"] for _ in range(2)]
    made = [await post(stage, "/api/v1/endpoints", HOOK) for _ in range(2)]
    rotation = f"/api/v1/endpoints/{made[0].json()['id']}/secret"
    rotated = [(await post(stage, rotation, {})).json()["secret"] for _ in range(2)]
    told |= {"tracking": tuple(opened), "signing": tuple(it.json()["secret"] for it in made), "new": tuple(rotated)}
    new = {"email": "a@shop.example", "webhook_url": "https://hooks.test/two", "webhook_secret": "whsec_" + "c2Vj" * 8}
    merchant = (await post(stage, "/api/v1/merchants", new)).json()
    secret = (await post(stage, "/api/v1/merchants/me/secret", {"overlap_seconds": 3600})).json()["api_secret"]
    told |= {name: (merchant[name],) * 2 for name in ("api_secret", "webhook_secret")} | {"own": (secret, secret)}
    return told


def columns(session: Session) -> dict[str, bytes]:
    """Return all that is stored, by table and column."""
    kept: dict[str, bytes] = {}
    for table in SQLModel.metadata.sorted_tables:
        for row in session.connection().execute(select(table)).mappings():
            for name, value in row.items():
                raw = bytes(value) if isinstance(value, bytes) else str(value).encode()
                kept[f"{table.name}.{name}"] = kept.get(f"{table.name}.{name}", b"") + raw
    return kept


async def test_no_column_of_any_table_holds_a_secret_that_was_shown() -> None:
    async with staged(SETTINGS) as stage:
        told = await shown(stage)
        kept = await stage.server.database.read(columns)
        open_places = {f"{table}.{name}" for table, names in IN_CLEAR.items() for name in names}
        found = {
            (what, place)
            for what, (secret, _) in told.items()
            for place, held in kept.items()
            if secret.encode() in held and place not in open_places
        }
        assert found == set()
        # They are looked for where they would be: those that sign are found where they must lie.
        assert told["signing"][0].encode() in kept["endpoint_secrets.secret"]
        assert {len(set(both)) for both in told.values()} == {1}
        assert b'"code"' not in kept["idempotency_keys.sealed_body"]


async def test_a_sealed_answer_is_given_again_byte_for_byte_and_marked() -> None:
    async with staged() as stage:
        first, again = [await post(stage, "/api/v1/endpoints", HOOK) for _ in range(2)]
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["cache-control"] == first.headers["cache-control"] == "no-store"


async def test_it_is_given_again_only_to_the_secret_that_asked_and_carried_out_for_none_twice() -> None:
    async with staged() as stage:
        first = await post(stage, "/api/v1/endpoints", HOOK)
        rotated = await post(stage, "/api/v1/merchants/me/secret", {"overlap_seconds": 60})
        fresh = {"x-api-key": API_KEY, "x-api-secret": rotated.json()["api_secret"], "idempotency-key": "k-1"}
        refused = await stage.client.post("/api/v1/endpoints", json=HOOK, headers=fresh)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:gatewright:problem:conflict")
        assert "X-Api-Secret" in refused.json()["detail"]
        other = await stage.client.post("/api/v1/endpoints", json={"url": "https://hooks.test/x"}, headers=fresh)
        assert other.json()["type"] == "urn:gatewright:problem:idempotency-key-reused"
        assert (await post(stage, "/api/v1/endpoints", HOOK)).content == first.content
        listed = await stage.client.get("/api/v1/endpoints", headers=fresh)
        assert len(listed.json()["items"]) == 1
