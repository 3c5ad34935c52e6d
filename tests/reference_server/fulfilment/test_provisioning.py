"""Delivering what was paid for: one key on every try, a schedule that ends, and one effect."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.reference_server.scripted import ProvisioningSink, ScriptedGateway
from tests.reference_server.stage import SETTINGS, Stage, staged


async def paid_with(stage: Stage, *faults: str) -> str:
    stage.sink.script = list(faults)
    session_id, _ = await stage.paid()
    return session_id


async def test_the_call_tells_what_was_bought_and_its_key() -> None:
    async with staged() as stage:
        _, tran_id = await stage.paid()
        key, body = stage.sink.calls[0]
        told = json.loads(body)
        assert (told["key"], told["order"], told["amount"], told["currency"]) == (key, tran_id, "100.50", "BDT")
        assert told["items"] == [{"name": "Diagnostics licence", "quantity": 1}]
        assert told["productKey"] == "DIAG-PRO"


async def test_an_items_price_keeps_its_digits_on_the_way() -> None:
    async with staged() as stage:
        await stage.paid(items=[{"name": "a", "quantity": 1, "price": 0.1}])
        assert b'"price":0.1' in stage.sink.calls[0][1]


@pytest.mark.parametrize("fault", ["HTTP 500", "HTTP 404", "HTTP 302", "lost"])
async def test_a_call_that_fails_is_made_again_a_minute_later_with_the_same_key(fault: str) -> None:
    async with staged() as stage:
        session_id = await paid_with(stage, fault)
        told = await stage.status(session_id)
        assert (told["status"], told["fulfilment"]) == ("SYNC_PENDING", "RETRYING")
        await stage.advance(seconds=61)
        assert (await stage.status(session_id))["status"] == "SUCCESS"
        assert len(stage.sink.calls) == 2
        assert len({key for key, _ in stage.sink.calls}) == stage.sink.effects.total() == 1


async def test_a_system_that_never_answers_costs_five_seconds_of_the_clock() -> None:
    async with staged() as stage:
        stage.sink.script = ["hang"]
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert (await stage.status(session_id))["status"] == "VALIDATED"
        await stage.advance(seconds=5)
        assert (await stage.status(session_id))["status"] == "SYNC_PENDING"


async def test_a_schedule_that_has_ended_leaves_the_delivery_to_a_person() -> None:
    async with staged() as stage:
        session_id = await paid_with(stage, *["HTTP 500"] * 99)
        await stage.advance(days=5)
        told = await stage.status(session_id)
        assert (told["status"], told["state"], told["fulfilment"]) == ("SYNC_PENDING", "CAPTURED", "NEEDS_REVIEW")
        assert len(stage.sink.calls) == 7
        assert stage.server.timekeeper.next_due() is None


async def test_many_orders_at_once_are_delivered_once_each() -> None:
    async with staged() as stage:
        opened = [await stage.opened() for _ in range(10)]
        paid = [(session_id, stage.gateway.pay(tran_id)) for session_id, tran_id in opened]
        await asyncio.gather(*(stage.ipn(session_id, fields) for session_id, fields in paid * 3))
        await stage.quiesce()
        assert stage.sink.effects.total() == len(stage.sink.calls) == 10


async def test_a_delivery_owed_outlives_a_start_without_the_address(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/a.db"})
    gateway, sink = ScriptedGateway(), ProvisioningSink(script=["HTTP 500"])
    async with staged(settings, gateway=gateway, sink=sink) as stage:
        session_id, _ = await stage.paid()
    async with staged(settings.model_copy(update={"provisioning_url": None}), gateway=gateway, sink=sink) as stage:
        await stage.advance(minutes=5)
        assert (await stage.status(session_id))["fulfilment"] == "RETRYING"
    async with staged(settings, gateway=gateway, sink=sink) as stage:
        await stage.advance(hours=1)
        assert (await stage.status(session_id))["fulfilment"] == "DONE"
    assert (len(sink.calls), sink.effects.total()) == (2, 1)


async def test_a_delivery_whose_address_never_comes_back_is_left_to_a_person(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/a.db"})
    gateway, sink = ScriptedGateway(), ProvisioningSink()
    async with staged(settings, gateway=gateway, sink=sink) as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, gateway.pay(tran_id))
    async with staged(settings.model_copy(update={"provisioning_url": None}), gateway=gateway, sink=sink) as stage:
        await stage.advance(days=5)
        assert (await stage.status(session_id))["fulfilment"] == "NEEDS_REVIEW"
        assert stage.server.timekeeper.next_due() is None
