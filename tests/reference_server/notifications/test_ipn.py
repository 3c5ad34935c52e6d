"""What an IPN may and may not do to a payment, told through the API with a scripted gateway."""

import asyncio
from dataclasses import replace

import pytest

from tests.reference_server.scripted import Fields, form_of
from tests.reference_server.stage import staged, states


async def test_a_paid_order_is_captured_and_delivered_once() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert stage.sink.effects.total() == 1
        assert (await stage.order(tran_id))["captured_minor"] == 10_050
        assert stage.server.timekeeper.next_due() is None


async def test_an_ipn_is_confirmed_before_it_is_answered() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answer = await stage.ipn(session_id, stage.gateway.pay(tran_id))
        assert (answer.status_code, answer.text) == (200, "recorded")
        assert await states(stage, session_id) == ("VALIDATED", "CAPTURED", "OWED")


async def test_a_duplicate_is_answered_200_and_changes_nothing() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        answers = [await stage.ipn(session_id, fields) for _ in range(3)]
        await stage.quiesce()
        trail = (await stage.order(tran_id))["audit"]
        await stage.ipn(session_id, fields)
        await stage.quiesce()
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert (await stage.order(tran_id))["audit"] == trail
        assert stage.gateway.calls["validateOrder"] == 1
        assert len(stage.sink.calls) == 1


async def test_fifty_duplicates_at_one_instant_have_one_effect() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        answers = await asyncio.gather(*(stage.ipn(session_id, fields) for _ in range(50)))
        await stage.quiesce()
        assert {answer.status_code for answer in answers} == {200}
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert (stage.gateway.calls["validateOrder"], len(stage.sink.calls)) == (1, 1)


async def test_an_ipn_that_comes_an_hour_late_and_three_times_finds_its_order_delivered_once() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        await stage.advance(hours=1)
        answers = [await stage.ipn(session_id, fields) for _ in range(3)]
        await stage.advance(days=2)
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert stage.sink.effects.total() == len(stage.sink.calls) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"amount": "100.49", "currency_amount": "100.49"},
        {"amount": "100.51", "currency_amount": "100.51"},
        {"amount": "100.49"},
        {"currency_amount": "1.00"},
        {"currency_type": "USD"},
        {"currency": "USD"},
    ],
)
async def test_money_that_is_not_exactly_the_orders_waits_for_a_person(told: Fields) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answer = await stage.ipn(session_id, stage.gateway.pay(tran_id, **told))
        await stage.advance(days=2)
        status = await stage.status(session_id)
        assert answer.status_code == 200
        assert (status["status"], status["state"], status["held"]) == ("PENDING", "NEEDS_REVIEW", True)
        assert stage.sink.calls == []
        assert (await stage.order(tran_id))["captured_minor"] == 0


async def test_an_order_in_another_currency_is_compared_in_that_currency() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened(amount="10.00", currency="USD")
        await stage.ipn(session_id, stage.gateway.pay(tran_id, amount="1216.00"))
        await stage.quiesce()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")


async def test_validated_is_as_good_as_valid() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        stage.gateway.validated[fields["val_id"]] = 1
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "CAPTURED"


@pytest.mark.parametrize("fault", ["lost", "unreachable", "HTTP 500", "HTTP 302", "says <html>", "says []", "says {}"])
async def test_a_validator_in_trouble_is_asked_again_a_minute_later(fault: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = [fault]
        answer = await stage.ipn(session_id, stage.gateway.pay(tran_id))
        assert (answer.status_code, (await stage.status(session_id))["state"]) == (200, "PENDING")
        await stage.advance(seconds=61)
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert stage.sink.effects.total() == 1


async def test_a_validator_that_never_answers_costs_five_seconds_of_the_clock() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["hang"]
        began = stage.server.timekeeper.clock.now()
        posting = asyncio.create_task(stage.ipn(session_id, stage.gateway.pay(tran_id)))
        await stage.quiesce()
        due = stage.server.timekeeper.next_due()
        assert due is not None
        assert (due.name, (due.at - began).total_seconds()) == ("limit of validateOrder", 5)
        await stage.advance(seconds=5)
        assert (await posting).status_code == 200
        await stage.advance(minutes=1)
        assert (await stage.status(session_id))["state"] == "CAPTURED"


async def test_a_signed_claim_of_money_that_nobody_confirms_is_given_to_a_person() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["HTTP 500"] * 99
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 99
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.advance(days=5)
        assert await states(stage, session_id) == ("PENDING", "NEEDS_REVIEW", None)


async def test_an_unsigned_ipn_with_an_invented_val_id_is_recorded_and_borne_out_by_nobody() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answer = await stage.ipn(session_id, {"tran_id": tran_id, "status": "VALID", "val_id": "invented"})
        await stage.quiesce()
        assert (answer.status_code, (await stage.status(session_id))["state"]) == (200, "PENDING")
        assert stage.gateway.calls["validateOrder"] == 1


async def test_another_orders_val_id_never_pays() -> None:
    async with staged() as stage:
        _, cheap = await stage.paid(amount="100.50")
        session_id, dear = await stage.opened(amount="100.50")
        stolen = stage.gateway.sales[cheap].val_id
        await stage.ipn(session_id, {"tran_id": dear, "status": "VALID", "val_id": stolen})
        await stage.quiesce()
        assert (await stage.status(session_id))["state"] == "PENDING"
        assert stage.sink.effects.total() == 1


async def test_a_val_id_that_the_gateway_tells_of_two_orders_pays_the_first_alone() -> None:
    async with staged() as stage:
        _, first = await stage.paid()
        session_id, second = await stage.opened()
        val_id = stage.gateway.sales[first].val_id
        fields = stage.gateway.pay(second, val_id=val_id)
        stage.gateway.sales[first].val_id = "forgotten"
        await stage.ipn(session_id, fields)
        await stage.quiesce()
        order = await stage.order(second)
        assert order["state"] == "PENDING"
        assert order["audit"][-1]["cause"].startswith("refused")


async def test_second_money_for_a_paid_order_moves_nothing_is_noted_and_goes_back() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, val_id="260101120000SECOND0000001"))
        await stage.advance(minutes=2)
        order = await stage.order(tran_id)
        assert (order["state"], order["captured_minor"], stage.sink.effects.total()) == ("CAPTURED", 20_100, 1)
        assert (order["refunded_minor"], order["refunds"][0]["cause"]) == (10_050, "second_money")
        assert any("paid already" in line["cause"] for line in order["audit"])


async def test_risky_money_is_held_and_delivered_once_the_gateway_releases_it() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level="1"))
        await stage.quiesce()
        held = await stage.status(session_id)
        assert (held["status"], held["state"], held["held"], len(stage.sink.calls)) == ("PENDING", "HELD", True, 0)
        stage.gateway.sales[tran_id].risk_level = "0"
        await stage.advance(hours=1)
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")


async def test_held_money_that_nobody_releases_is_given_to_a_person() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level="1"))
        await stage.advance(hours=73)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"
        assert stage.sink.calls == []


async def test_what_the_gateway_did_not_bear_out_is_asked_again_when_it_comes_again() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        known = replace(stage.gateway.sales[tran_id])
        stage.gateway.sales[tran_id].val_id = ""
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "PENDING"
        stage.gateway.sales[tran_id] = known
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "CAPTURED"


async def test_an_ipn_for_no_session_is_not_found() -> None:
    async with staged() as stage:
        answer = await stage.ipn("ses_nobody", {"tran_id": "x", "status": "VALID"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"status=VALID", b"tran_id=a&tran_id=b&status=VALID", b"tran_id=%00&status=VALID"]
)
async def test_an_ipn_that_breaks_the_document_is_refused(body: bytes) -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await stage.client.post(f"/payment/ipn/{session_id}", content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_values_with_the_forms_own_characters_are_verified_as_they_were_signed() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id, value_b="ঢাকা", value_c="a=b&c +%", error="")
        assert b"%E0" in form_of(fields)
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "CAPTURED"


async def test_a_validator_that_says_pending_is_asked_again() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ['says {"APIConnect": "DONE", "status": "PENDING"}']
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(minutes=1)
        assert (await stage.status(session_id))["state"] == "CAPTURED"


async def test_an_unsigned_claim_that_nobody_confirms_is_let_go() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["HTTP 500"] * 99
        await stage.ipn(session_id, {"tran_id": tran_id, "status": "VALID", "val_id": "invented"})
        await stage.advance(days=5)
        assert (await stage.status(session_id))["state"] == "EXPIRED"


async def test_the_journal_says_why_the_gateways_answer_moved_nothing() -> None:
    async with staged() as stage:
        _, cheap = await stage.paid()
        session_id, dear = await stage.opened()
        stolen = stage.gateway.sales[cheap].val_id
        await stage.ipn(session_id, {"tran_id": dear, "status": "VALID", "val_id": stolen})
        notes = [exchange["note"] for exchange in stage.server.journal.read() if exchange["operation"] == "ipn"]
        assert notes == ["", "the gateway's answer is about another order"]
