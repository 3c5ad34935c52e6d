"""Money that is held or cannot be explained, decided on by a person or by the gateway, and money that came beside."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.reference_server.scripted import ScriptedGateway
from tests.reference_server.stage import SETTINGS, Stage, staged, states


async def held(stage: Stage, **told: str) -> tuple[str, str]:
    """Return session id and tran_id of a payment whose money came and waits for a decision."""
    session_id, tran_id = await stage.opened()
    await stage.ipn(session_id, stage.gateway.pay(tran_id, **told))
    await stage.quiesce()
    assert (await stage.status(session_id))["held"]
    return session_id, tran_id


def unequal(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency_amount": amount}


async def sums(stage: Stage, tran_id: str) -> tuple[int, int, Decimal]:
    """Return what was captured and refunded here, and what the gateway gave back, once all is quiet."""
    await stage.advance(minutes=2)
    order = await stage.order(tran_id)
    return order["captured_minor"], order["refunded_minor"], stage.gateway.given_back(tran_id)


@pytest.mark.parametrize("told", [{"risk_level": "1"}, unequal("100.49"), unequal("150.00")])
async def test_what_a_person_accepts_is_captured_as_it_came_and_delivered(told: dict[str, str]) -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, **told)
        answer = await stage.decide(session_id, "accept")
        assert (answer.status_code, answer.json()["state"]) == (200, "CAPTURED")
        came = int(Decimal(told.get("amount", "100.50")) * 100)
        assert await sums(stage, tran_id) == (came, 0, Decimal(0))
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert (await stage.refund(session_id)).json()["amount"] == came / 100


@pytest.mark.parametrize("told", [{"risk_level": "1"}, unequal("100.49"), unequal("150.00")])
async def test_what_a_person_returns_goes_back_as_it_came_and_is_never_revived(told: dict[str, str]) -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, **told)
        answer = await stage.decide(session_id, "return")
        assert (answer.json()["status"], answer.json()["refund"]) == ("FAILED", "pending")
        stage.gateway.sales[tran_id].risk_level = "0"
        came = int(Decimal(told.get("amount", "100.50")) * 100)
        await stage.advance(days=8)
        assert await sums(stage, tran_id) == (came, came, Decimal(came) / 100)
        assert await states(stage, session_id) == ("FAILED", "FAILED", None)
        assert stage.sink.calls == []


async def test_of_two_sums_that_came_the_orders_own_is_accepted_and_the_other_goes_back() -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, **unequal("50.00"))
        stage.gateway.older.append(replace(stage.gateway.sales[tran_id]))
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert (await stage.decide(session_id, "accept")).json()["state"] == "CAPTURED"
        assert await sums(stage, tran_id) == (15_050, 5_000, Decimal("50.00"))
        assert [one["cause"] for one in await stage.refunds(session_id)] == ["second_money"]


async def test_money_in_another_currency_can_only_be_returned() -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, currency_type="USD", currency_amount="100.50")
        refused = await stage.decide(session_id, "accept")
        assert (refused.status_code, "USD" in refused.json()["detail"]) == (409, True)
        await stage.decide(session_id, "return")
        assert await sums(stage, tran_id) == (0, 0, Decimal("100.50"))
        (refund,) = await stage.refunds(session_id)
        assert (refund["currency"], refund["state"]) == ("USD", "PROCESSED")


async def test_the_gateway_is_asked_before_a_person_decides() -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, risk_level="1")
        stage.gateway.sales[tran_id].risk_level = "0"
        answer = await stage.decide(session_id, "return")
        assert (answer.status_code, "CAPTURED" in answer.json()["detail"]) == (409, True)
        await stage.quiesce()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")


async def test_a_decision_does_not_need_the_gateway() -> None:
    async with staged() as stage:
        session_id, _ = await held(stage, risk_level="1")
        stage.gateway.script["queryTransaction"] = ["HTTP 500"]
        assert (await stage.decide(session_id, "accept")).json()["state"] == "CAPTURED"
        again = await stage.decide(session_id, "accept")
        assert again.status_code == 409


async def test_a_claim_that_nobody_confirmed_is_accepted_as_soon_as_the_gateway_tells_of_its_money() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["HTTP 500"] * 20
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 99
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.advance(days=9)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"
        refused = await stage.decide(session_id, "accept")
        assert (refused.status_code, "no money" in refused.json()["detail"]) == (409, True)
        stage.gateway.script["queryTransaction"] = []
        assert (await stage.decide(session_id, "accept")).status_code == 200
        assert await sums(stage, tran_id) == (10_050, 0, Decimal(0))


async def test_risky_money_that_the_gateway_refuses_ends_the_payment() -> None:
    async with staged() as stage:
        session_id, tran_id = await held(stage, risk_level="1")
        sale = stage.gateway.sales[tran_id]
        sale.status, sale.risk_level = "FAILED", "0"
        await stage.advance(hours=7)
        assert await states(stage, session_id) == ("FAILED", "FAILED", None)
        assert await sums(stage, tran_id) == (0, 0, Decimal(0))


async def test_what_is_told_later_of_money_that_is_counted_changes_no_sum() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        val_id = stage.gateway.sales[tran_id].val_id
        await stage.ipn(session_id, stage.gateway.pay(tran_id, val_id=val_id, **unequal("50.00")))
        await stage.quiesce()
        assert (await stage.order(tran_id))["captured_minor"] == 10_050
        assert (await stage.refund(session_id)).json()["amount"] == 100.5


async def two_sessions(stage: Stage, **told: str) -> tuple[str, str, str]:
    """Return both session ids and the tran_id of an order that was paid in two sessions, the older last."""
    older, tran_id = await stage.opened()
    newer, _ = await stage.opened(tran_id=tran_id)
    await stage.ipn(newer, stage.gateway.pay(tran_id))
    await stage.ipn(older, stage.gateway.pay_sale(stage.gateway.older[0], **told))
    await stage.quiesce()
    return older, newer, tran_id


@pytest.mark.parametrize("told", [{}, {"risk_level": "1"}])
async def test_of_two_sessions_that_are_paid_one_pays_and_the_others_money_goes_back(told: dict[str, str]) -> None:
    async with staged() as stage:
        older, newer, tran_id = await two_sessions(stage, **told)
        stage.gateway.older[0].risk_level = "0"
        await stage.advance(days=3)
        assert stage.gateway.given_back(tran_id) == Decimal("100.50")
        assert stage.sink.effects.total() == 1
        assert [one["cause"] for one in await stage.refunds(older)] == ["second_money"]
        assert await stage.refunds(newer) == []
        assert await states(stage, newer) == ("SUCCESS", "CAPTURED", "DONE")
        assert (await stage.refund(older)).status_code == 409


async def test_two_payments_told_at_once_by_nobody_are_found_and_one_goes_back() -> None:
    async with staged() as stage:
        older, tran_id = await stage.opened()
        await stage.opened(tran_id=tran_id)
        stage.gateway.pay(tran_id)
        stage.gateway.pay_sale(stage.gateway.older[0])
        await stage.advance(days=3)
        assert stage.gateway.given_back(tran_id) == Decimal("100.50")
        assert stage.sink.effects.total() == 1
        assert [one["cause"] for one in await stage.refunds(older)] in ([], ["second_money"])


async def test_money_told_at_the_wrong_session_of_an_order_counts_for_the_right_one() -> None:
    async with staged() as stage:
        older, tran_id = await stage.opened()
        newer, _ = await stage.opened(tran_id=tran_id)
        await stage.ipn(older, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert (await stage.status(newer))["state"] == "CAPTURED"
        assert (await stage.status(older))["state"] == "PENDING"


@pytest.mark.parametrize("end", ["CANCELLED", "FAILED"])
@pytest.mark.parametrize("risk_level", ["0", "1"])
async def test_late_money_is_refunded_where_the_policy_says_so(end: str, risk_level: str) -> None:
    async with staged(SETTINGS.model_copy(update={"late_capture": "refund"})) as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.end(tran_id, end))
        await stage.quiesce()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level=risk_level))
        await stage.advance(days=3)
        assert await sums(stage, tran_id) == (10_050, 10_050, Decimal("100.50"))
        assert (await stage.status(session_id))["state"] == end
        assert [one["cause"] for one in await stage.refunds(session_id)] == ["late_money"]
        assert stage.sink.calls == []


@pytest.mark.parametrize("is_ended", [False, True])
async def test_money_that_comes_after_the_merchant_called_the_payment_off_goes_back(is_ended: bool) -> None:  # noqa: FBT001  # a table's column
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        if is_ended:
            await stage.advance(hours=1)
        for _ in range(2):
            answer = await stage.ask(f"/payment/withdraw/{session_id}", {})
            assert (answer.status_code, answer.json()["state"]) == (200, "EXPIRED" if is_ended else "CANCELLED")
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        assert await sums(stage, tran_id) == (10_050, 10_050, Decimal("100.50"))
        assert [one["cause"] for one in await stage.refunds(session_id)] == ["late_money"]
        assert stage.sink.calls == []


async def test_what_is_paid_is_not_called_off_although_nobody_has_told_of_it() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.pay(tran_id)
        assert (await stage.ask(f"/payment/withdraw/{session_id}", {})).status_code == 409
        await stage.quiesce()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        risky, risky_order = await held(stage, risk_level="1")
        assert (await stage.ask(f"/payment/withdraw/{risky}", {})).status_code == 409
        assert (await stage.order(risky_order))["state"] == "HELD"


async def test_the_reason_of_a_decline_is_kept_although_the_query_has_none() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.end(tran_id, "FAILED", error="Invalid expiration date"))
        await stage.quiesce()
        trail: list[dict[str, Any]] = (await stage.order(tran_id))["audit"]
        assert "Invalid expiration date" in trail[-1]["cause"]


async def test_a_job_of_a_merchant_without_its_gateway_account_ends_with_a_person(tmp_path: Any) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"})
    gateway = ScriptedGateway()
    async with staged(settings, gateway=gateway) as stage:
        session_id, _ = await stage.paid()
        pending, _ = await stage.opened()
        stage.gateway.script["initiateRefund"] = ["lost"]
        await stage.refund(session_id)
        await stage.quiesce()
    async with staged(settings.model_copy(update={"sslcommerz_store_id": ""}), gateway=gateway) as stage:
        await stage.advance(days=9)
        assert stage.server.timekeeper.take_failures() == []
        assert stage.server.timekeeper.next_due() is None
        assert (await stage.status(pending))["state"] == "NEEDS_REVIEW"
        assert (await stage.refunds(session_id))[0]["state"] == "NEEDS_REVIEW"
