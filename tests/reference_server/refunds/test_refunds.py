"""Money back through the API: whole, in parts, too much, at once, with lost answers, to its end at the gateway."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.reference_server.scripted import ScriptedGateway
from tests.reference_server.stage import SETTINGS, Stage, staged


async def gone(stage: Stage, tran_id: str) -> tuple[int, int, Decimal]:
    """Return what is back and on its way on our side, and what the gateway gives back."""
    order = await stage.order(tran_id)
    return order["refunded_minor"], order["refunds_pending_minor"], stage.gateway.given_back(tran_id)


async def test_the_whole_money_goes_back_when_no_sum_is_named() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        answer = await stage.refund(session_id)
        told = answer.json()
        assert (answer.status_code, told["amount"], told["currency"], told["status"]) == (202, 100.5, "BDT", "pending")
        assert (await stage.status(session_id))["refund"] == "pending"
        await stage.advance(minutes=2)
        assert await gone(stage, tran_id) == (10_050, 0, Decimal("100.50"))
        status = await stage.status(session_id)
        assert (status["status"], status["refund"]) == ("SUCCESS", "processed")


async def test_parts_add_up_to_what_was_captured_and_not_a_paisa_more() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        for amount in ("60.00", 40, "0.49"):
            assert (await stage.refund(session_id, amount=amount)).status_code == 202
        answer = await stage.refund(session_id, amount="0.02")
        assert (answer.status_code, answer.json()["refundable"]) == (409, "0.01")
        assert (await stage.refund(session_id)).json()["amount"] == 0.01
        assert (await stage.refund(session_id)).status_code == 409
        await stage.advance(minutes=2)
        assert await gone(stage, tran_id) == (10_050, 0, Decimal("100.50"))


async def test_of_ten_refunds_of_a_fifth_at_one_instant_five_are_accepted() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid(amount="100.00")
        answers = await asyncio.gather(*(stage.refund(session_id, amount="20.00") for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [202] * 5 + [409] * 5
        await stage.advance(minutes=2)
        assert await gone(stage, tran_id) == (10_000, 0, Decimal("100.00"))
        assert stage.gateway.calls["initiateRefund"] == 5


@pytest.mark.parametrize(
    ("amount", "rule"), [("10.005", "amount"), ("0.00", "amount"), (-1, "oneOf"), ("ten", "oneOf"), ("1e3", "oneOf")]
)
async def test_a_sum_that_is_none_of_the_currency_is_refused(amount: Any, rule: str) -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        answer = await stage.refund(session_id, amount=amount)
        assert answer.status_code == 400
        (violation,) = answer.json()["violations"]
        assert (violation["pointer"], violation["rule"]) == ("/amount", rule)
        assert await stage.refunds(session_id) == []


async def test_nothing_is_given_back_before_there_is_money_or_while_a_person_has_to_look() -> None:
    async with staged() as stage:
        unpaid, _ = await stage.opened()
        held, held_order = await stage.opened()
        await stage.ipn(held, stage.gateway.pay(held_order, risk_level="1"))
        for session_id in (unpaid, held):
            assert (await stage.refund(session_id)).status_code == 409
        assert stage.gateway.calls["initiateRefund"] == 0


async def test_the_same_reference_is_the_same_refund_and_another_sum_under_it_is_refused() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        first = await stage.refund(session_id, amount="20.00", reference="RMA-1")
        again = await stage.refund(session_id, amount="20.00", reference="RMA-1")
        assert first.json() == again.json()
        other = await stage.refund(session_id, amount="30.00", reference="RMA-1")
        assert (other.status_code, other.json()["refundId"]) == (409, first.json()["refundId"])
        await stage.advance(minutes=2)
        assert await gone(stage, tran_id) == (2_000, 0, Decimal("20.00"))


async def test_a_reference_that_a_refund_of_ours_could_have_is_refused() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        first = (await stage.refund(session_id, amount="1.00")).json()["refundId"]
        answer = await stage.refund(session_id, amount="1.00", reference=f"{first[:-1]}3")
        assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (400, "/reference")
        assert (await stage.refund(session_id, reference=first)).json()["refundId"] == first
        assert [(await stage.refund(session_id, amount="1.00")).status_code for _ in range(3)] == [202] * 3


async def test_another_merchants_session_and_none_at_all_are_refused_alike() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        opened: Any = await stage.client.post("/_control/accounts", json={"name": "other"})
        api = opened.json()["credentials"]["api"]
        headers = {"x-api-key": api["key"], "x-api-secret": api["secret"]}
        bodies = {
            "refund": {},
            "review": {"decision": "accept"},
            "delivery": {"decision": "waive"},
            "withdraw": {},
        }
        for path, body in bodies.items():
            theirs, nobodys = [
                await stage.client.post(f"/payment/{path}/{one}", json=body, headers=headers)
                for one in (session_id, "ses_nobody")
            ]
            assert (theirs.status_code, theirs.content) == (404, nobodys.content)
        listed = await stage.client.get(f"/payment/refund/{session_id}", headers=headers)
        assert listed.status_code == 404
        assert (await stage.client.post(f"/payment/refund/{session_id}", json={})).status_code == 401


@pytest.mark.parametrize(
    "fault", ["lost", "hang", "HTTP 500", "unreachable", "says <html>", 'says {"APIConnect": "DONE"}']
)
async def test_a_refund_whose_answer_is_lost_is_asked_for_under_the_same_key_and_done_once(fault: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        stage.gateway.script["initiateRefund"] = [fault]
        await stage.refund(session_id, amount="20.00")
        await stage.advance(seconds=10)
        assert (await stage.refunds(session_id))[0]["status"] == "pending"
        await stage.advance(minutes=5)
        assert await gone(stage, tran_id) == (2_000, 0, Decimal("20.00"))
        assert len(stage.gateway.refunds) == 1
        assert stage.gateway.calls["initiateRefund"] == 2


async def test_a_refusal_at_the_first_call_fails_the_refund_and_frees_its_money() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        refusal = '{"APIConnect": "DONE", "status": "failed", "errorReason": "Not today"}'
        stage.gateway.script["initiateRefund"] = [f"says {refusal}"]
        await stage.refund(session_id)
        await stage.quiesce()
        (refund,) = await stage.refunds(session_id)
        assert (refund["state"], refund["status"]) == ("FAILED", "failed")
        assert (await stage.refund(session_id, amount="100.50")).status_code == 202


async def test_a_refusal_after_a_lost_answer_frees_nothing_and_waits_for_a_person() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        refusal = '{"APIConnect": "DONE", "status": "failed", "errorReason": "Not today"}'
        stage.gateway.script["initiateRefund"] = ["lost", f"says {refusal}"]
        asked = await stage.refund(session_id, reference="R")
        await stage.advance(minutes=5)
        assert [one["state"] for one in await stage.refunds(session_id)] == ["NEEDS_REVIEW"]
        assert (await stage.refund(session_id, amount="1")).status_code == 409
        again = await stage.refund(session_id, reference="R")
        assert again.json()["refundId"] == asked.json()["refundId"]
        await stage.advance(minutes=5)
        assert [one["state"] for one in await stage.refunds(session_id)] == ["PROCESSED"]
        assert len(stage.gateway.refunds) == 1


async def test_a_refusal_after_a_call_that_a_dead_process_made_frees_nothing(tmp_path: Path) -> None:
    settings, gateway = (
        SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"}),
        ScriptedGateway(),
    )
    async with staged(settings, gateway=gateway) as stage:
        session_id, _ = await stage.paid()
        gateway.script["initiateRefund"] = ["hang", 'says {"APIConnect": "DONE", "status": "failed"}']
        await stage.refund(session_id)
        await stage.quiesce()
    async with staged(settings, gateway=gateway) as stage:
        await stage.quiesce()
        assert gateway.calls["initiateRefund"] == 2
        assert [one["state"] for one in await stage.refunds(session_id)] == ["NEEDS_REVIEW"]


@pytest.mark.parametrize("end", ["cancelled", "processing"])
async def test_a_refund_that_never_comes_ends_as_failed_or_with_a_person(end: str) -> None:
    async with staged(gateway=ScriptedGateway(refunds_end=end)) as stage:
        session_id, _ = await stage.paid()
        await stage.refund(session_id)
        await stage.advance(days=20)
        (refund,) = await stage.refunds(session_id)
        assert refund["state"] == {"cancelled": "FAILED", "processing": "NEEDS_REVIEW"}[end]
        assert stage.server.timekeeper.next_due() is None


async def test_an_answer_about_other_money_is_no_answer() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        told = '{"APIConnect": "DONE", "status": "refunded", "bank_tran_id": "ANOTHER"}'
        stage.gateway.script["queryRefund"] = [f"says {told}"]
        await stage.refund(session_id)
        await stage.advance(seconds=70)
        assert [one["state"] for one in await stage.refunds(session_id)] == ["PENDING"]
        await stage.advance(minutes=2)
        assert [one["state"] for one in await stage.refunds(session_id)] == ["PROCESSED"]


async def test_an_order_in_dollars_goes_back_in_what_the_gateway_keeps_of_it() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened(amount="10.00", currency="USD")
        told = {"amount": "1216.01", "currency": "BDT", "currency_amount": "10.00", "currency_type": "USD"}
        await stage.ipn(session_id, stage.gateway.pay(tran_id, **told))
        await stage.quiesce()
        for amount in ("3.33", "3.33", None):
            body = {} if amount is None else {"amount": amount}
            assert (await stage.refund(session_id, **body)).json()["currency"] == "USD"
        await stage.advance(minutes=2)
        assert (await stage.order(tran_id))["refunded_minor"] == 1_000
        assert [one.amount for one in stage.gateway.refunds.values()] == [
            Decimal("404.93"), Decimal("404.93"), Decimal("406.15"),
        ]  # fmt: skip


async def test_a_part_that_is_nothing_in_what_the_gateway_keeps_is_refused() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened(amount="100000", currency="VND")
        told = {"amount": "460.00", "currency_amount": "100000", "currency_type": "VND"}
        await stage.ipn(session_id, stage.gateway.pay(tran_id, **told))
        await stage.quiesce()
        answer = await stage.refund(session_id, amount="2")
        assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (400, "/amount")
        assert (await stage.refund(session_id, amount="99998")).status_code == 202
        assert (await stage.refund(session_id)).json()["amount"] == 2
        await stage.advance(minutes=2)
        assert [one.amount for one in stage.gateway.refunds.values()] == [Decimal("459.99"), Decimal("0.01")]


async def test_a_refund_of_the_whole_money_before_the_delivery_stops_the_delivery() -> None:
    async with staged() as stage:
        stage.sink.script = ["HTTP 500"] * 9
        session_id, _ = await stage.paid()
        await stage.refund(session_id, amount="50.00")
        assert (await stage.status(session_id))["fulfilment"] == "RETRYING"
        await stage.refund(session_id)
        status = await stage.status(session_id)
        assert (status["status"], status["fulfilment"], status["refund"]) == ("FAILED", "WAIVED", "pending")
        await stage.advance(days=3)
        assert (stage.sink.effects.total(), len(stage.sink.calls)) == (0, 1)


async def test_a_refund_is_refused_while_the_delivery_is_being_called_for() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.sink.script = ["hang"]
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert (await stage.refund(session_id)).status_code == 409
        assert (await stage.refund(session_id, amount="1.00")).status_code == 202
        await stage.advance(minutes=2)
        assert (await stage.status(session_id))["fulfilment"] == "DONE"


async def test_the_audit_trail_tells_of_every_step() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        await stage.refund(session_id, amount="20.00", reason="One was broken")
        await stage.advance(minutes=2)
        trail = [line for line in (await stage.order(tran_id))["audit"] if line["resource"] == "refund"]
        assert [(line["event"], line["after"]) for line in trail] == [
            ("owed", "PENDING"), ("accepted", "PENDING"), ("refunded", "PROCESSED"),
        ]  # fmt: skip
        assert "20.00 BDT, One was broken" in trail[0]["cause"]
