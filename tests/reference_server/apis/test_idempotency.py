"""Idempotency keys over the wire, on the operations of document 000 (failure catalogue, group J)."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference_server.engine import outlast_leases
from tests.reference_server.scripted import Killed, ScriptedGateway
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage, staged

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
Pairs = list[tuple[str, str]]


def headers(*more: tuple[str, str]) -> Pairs:
    return [("x-api-key", API_KEY), ("x-api-secret", API_SECRET), *more]


async def init(stage: Stage, *more: tuple[str, str], **changes: Any) -> httpx.Response:
    return await stage.client.post("/payment/init", json=ORDER | changes, headers=headers(*more))


async def keyed(stage: Stage, key: str = KEY, **changes: Any) -> httpx.Response:
    return await init(stage, ("idempotency-key", key), **changes)


async def refund(stage: Stage, session_id: str, key: str, **body: Any) -> httpx.Response:
    path = f"/payment/refund/{session_id}"
    return await stage.client.post(path, json=body, headers=headers(("idempotency-key", key)))


async def orders(stage: Stage) -> int:
    listed: Any = await stage.server.control.list_orders()
    return len(listed["orders"])


async def test_the_first_answer_is_given_again_byte_for_byte_and_marked() -> None:
    async with staged() as stage:
        first = await keyed(stage)
        await stage.ipn(first.json()["sessionId"], stage.gateway.pay(first.json()["tran_id"]))
        await stage.quiesce()
        again = await keyed(stage)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
        assert (stage.gateway.calls["createSession"], await orders(stage)) == (1, 1)


async def test_another_body_under_a_key_is_refused_and_changes_nothing() -> None:
    async with staged() as stage:
        await keyed(stage)
        refused = await keyed(stage, amount="100.51")
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:gatewright:problem:idempotency-key-reused")
        assert (stage.gateway.calls["createSession"], await orders(stage)) == (1, 1)


BAD_KEYS = {
    "empty": [("idempotency-key", "")],
    "twice": [("idempotency-key", "a"), ("idempotency-key", "a")],
    "two joined by a proxy": [("idempotency-key", "a, b")],
    "too long": [("idempotency-key", "k" * 256)],
    "ten thousand": [("idempotency-key", "k" * 10_000)],
    "not ASCII": [("idempotency-key", "clé")],
    "a control character": [("idempotency-key", "a\x01b")],
    "a NUL": [("idempotency-key", "a\x00b")],
    "an open quotation": [("idempotency-key", '"abc')],
    "an empty quotation": [("idempotency-key", '""')],
    "a quotation with parameters": [("idempotency-key", '"abc";v=1')],
}


@pytest.mark.parametrize("sent", BAD_KEYS.values(), ids=BAD_KEYS.keys())
async def test_a_key_that_is_none_is_refused_before_anything_happens(sent: Pairs) -> None:
    async with staged() as stage:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers(*sent)]
        refused = await stage.client.post("/payment/init", json=ORDER, headers=raw)
        assert (refused.status_code, refused.json()["violations"][0]["pointer"]) == (400, "idempotency-key")
        assert (await orders(stage), stage.gateway.calls.total()) == (0, 0)


@pytest.mark.parametrize("key", ["k", "k" * 255, "a:b|c/d", "'; DROP TABLE payments; --", '"a, b"', '"say \\"hi\\""'])
async def test_any_other_key_is_only_a_key(key: str) -> None:
    async with staged() as stage:
        first, again = await keyed(stage, key), await keyed(stage, key)
        assert (first.status_code, first.content) == (200, again.content)
        assert await orders(stage) == 1


async def test_a_request_that_breaks_the_document_does_not_burn_its_key() -> None:
    async with staged() as stage:
        assert (await keyed(stage, amount="-1")).status_code == 400
        assert (await keyed(stage)).status_code == 200


async def test_a_refused_refund_does_not_burn_its_key() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        assert (await refund(stage, session_id, KEY, amount="200.00")).status_code == 409
        assert (await refund(stage, session_id, KEY, amount="20.00")).status_code == 202


async def test_a_refund_under_a_key_is_owed_once_and_one_key_serves_two_operations() -> None:
    async with staged() as stage:
        session_id = (await keyed(stage)).json()["sessionId"]
        tran_id = next(iter(stage.gateway.sales))
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        first = await refund(stage, session_id, KEY, amount="20.00")
        await stage.quiesce()
        again = await refund(stage, session_id, KEY, amount="20.0")
        # An amount is text in this document: another text, another request.
        assert (first.status_code, again.status_code) == (202, 422)
        assert (await refund(stage, session_id, KEY, amount="20.00")).content == first.content
        assert len(await stage.refunds(session_id)) == 1


@pytest.mark.parametrize(("hours", "owed"), [({"hours": 24, "milliseconds": -1}, 1), ({"hours": 24}, 2)])
async def test_a_key_lives_for_exactly_a_day_of_the_clock(hours: dict[str, float], owed: int) -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        await refund(stage, session_id, KEY, amount="20.00")
        await stage.advance(**hours)
        assert (await refund(stage, session_id, KEY, amount="20.00")).status_code == 202
        assert len(await stage.refunds(session_id)) == owed


async def test_a_lost_answer_of_the_gateway_is_taken_up_and_the_truth_is_asked_first() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        lost = await keyed(stage)
        again = await keyed(stage)
        assert (lost.status_code, again.status_code) == (502, 200)
        assert (again.json()["sessionId"], await orders(stage)) == (lost.json()["sessionId"], 1)
        assert (stage.gateway.calls["queryTransaction"], stage.gateway.calls["createSession"]) == (1, 2)
        assert (await keyed(stage)).content == again.content


async def test_what_is_taken_up_can_be_paid_and_followed() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        await keyed(stage)
        told = (await keyed(stage)).json()
        await stage.ipn(told["sessionId"], stage.gateway.pay(told["tran_id"]))
        await stage.quiesce()
        token = {"x-tracking-token": told["trackingToken"]}
        followed = await stage.client.get(f"/payment/status/{told['sessionId']}", headers=token)
        assert (followed.status_code, followed.json()["status"]) == (200, "SUCCESS")
        assert stage.sink.effects.total() == 1


async def test_while_the_gateway_cannot_be_asked_nothing_is_opened_again() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        stage.gateway.script["queryTransaction"] = ["unreachable"]
        await keyed(stage)
        unknown = await keyed(stage)
        assert (unknown.status_code, stage.gateway.calls["createSession"]) == (502, 1)
        assert (await keyed(stage)).status_code == 200


async def test_a_payment_that_came_further_meanwhile_is_not_opened_again() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        lost = (await keyed(stage, tran_id="ORDER-1")).json()
        await stage.ipn(lost["sessionId"], stage.gateway.pay("ORDER-1"))
        await stage.quiesce()
        refused = await keyed(stage, tran_id="ORDER-1")
        assert (refused.status_code, refused.json()["sessionId"]) == (409, lost["sessionId"])
        assert stage.gateway.calls["createSession"] == 1


async def test_a_request_under_way_is_refused_with_the_time_to_ask_again() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["hang"]
        first = asyncio.create_task(keyed(stage))
        while not stage.gateway.calls["createSession"]:  # noqa: ASYNC110  # the gateway is a double without events
            await asyncio.sleep(0)
        refused = await keyed(stage)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
    assert (refused.status_code, refused.headers["retry-after"]) == (409, "1")
    assert refused.json()["type"] == "urn:gatewright:problem:idempotency-key-in-use"


@pytest.mark.parametrize("point", ["before createSession", "after createSession"])
async def test_a_first_try_that_was_killed_is_taken_up_after_the_restart(tmp_path: Path, point: str) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"})
    gateway = ScriptedGateway()

    def kill(reached: str) -> None:
        if reached == point:
            raise Killed(reached)

    async with staged(settings, gateway=gateway) as stage:
        gateway.on_call = kill
        with pytest.raises(Killed):
            await keyed(stage)
        gateway.on_call = lambda _: None
    async with staged(settings, gateway=gateway) as stage:
        if stage.server.database.is_shared:
            # Only who is alone on its database knows the first to be dead, and not at it on another machine.
            refused = await keyed(stage)
            assert (refused.status_code, refused.headers["retry-after"]) == (409, "1")
            outlast_leases(stage.server.database)
        answer = await keyed(stage)
        assert (answer.status_code, await orders(stage)) == (200, 1)
        assert (await keyed(stage)).content == answer.content


async def test_a_decision_under_a_key_asks_the_gateway_once() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        path = f"/payment/withdraw/{session_id}"
        answers = [await stage.client.post(path, headers=headers(("idempotency-key", KEY))) for _ in range(2)]
        assert (answers[0].status_code, answers[0].content) == (200, answers[1].content)
        assert stage.gateway.calls["queryTransaction"] == 1
        assert answers[1].headers["idempotent-replayed"] == "true"


async def test_a_reset_forgets_the_keys_with_the_orders() -> None:
    async with staged() as stage:
        first = await keyed(stage)
        await stage.server.control.reset()
        assert (await keyed(stage)).content != first.content
