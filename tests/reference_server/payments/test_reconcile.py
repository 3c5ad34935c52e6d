"""Payments that hear nothing: asked about at their expiry and after, until money can no longer come."""

import pytest

from tests.reference_server.stage import SETTINGS, staged

REVIEW = SETTINGS.model_copy(update={"late_capture": "review"})


async def test_money_without_any_ipn_is_found_when_the_session_ends() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.pay(tran_id)
        await stage.advance(minutes=14)
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(minutes=1)
        assert (await stage.status(session_id))["status"] == "SUCCESS"
        assert stage.gateway.calls["validateOrder"] == 0


async def test_what_nobody_pays_expires_and_is_asked_about_for_a_day() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        await stage.advance(minutes=15)
        told = await stage.status(session_id)
        assert (told["status"], told["state"], told["expired"]) == ("FAILED", "EXPIRED", True)
        await stage.advance(days=30)
        assert stage.gateway.calls["queryTransaction"] == 5
        assert stage.server.timekeeper.next_due() is None


async def test_money_after_our_expiry_is_found_and_delivered() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.advance(minutes=30)
        stage.gateway.pay(tran_id, tran_date="2030-01-01 06:40:00")
        await stage.advance(hours=1)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("tran_date", "state"),
    # Dhaka is six hours ahead; the session ends at 06:15 there.
    [("2030-01-01 06:14:59", "CAPTURED"), ("2030-01-01 06:15:01", "NEEDS_REVIEW"), ("gibberish", "NEEDS_REVIEW")],
)
async def test_the_policy_on_late_money_looks_at_the_gateways_capture_time(tran_date: str, state: str) -> None:
    async with staged(REVIEW) as stage:
        session_id, tran_id = await stage.opened()
        await stage.advance(minutes=30)
        stage.gateway.pay(tran_id, tran_date=tran_date)
        await stage.advance(hours=1)
        assert (await stage.status(session_id))["state"] == state


async def test_expiry_waits_while_the_gateway_cannot_be_asked() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["queryTransaction"] = ["HTTP 500", "lost"]
        stage.gateway.pay(tran_id)
        await stage.advance(minutes=16)
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(minutes=2)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_a_gateway_that_cannot_be_asked_for_a_day_leaves_the_payment_to_a_person() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 99
        await stage.advance(hours=30)
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(days=2)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"
        assert stage.server.timekeeper.next_due() is None


async def test_a_gateway_that_answers_at_last_and_knows_of_no_money_lets_the_payment_expire() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 9
        await stage.advance(days=2)
        assert (await stage.status(session_id))["state"] == "EXPIRED"


async def test_credentials_that_the_gateway_refuses_count_as_not_asked() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        stage.gateway.script["queryTransaction"] = ['says {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}']
        await stage.advance(minutes=15)
        assert (await stage.status(session_id))["state"] == "PENDING"


async def test_a_failure_that_only_the_query_tells_ends_the_payment() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.end(tran_id, "FAILED", error="Invalid expiration date")
        await stage.advance(minutes=15)
        assert (await stage.status(session_id))["state"] == "FAILED"


async def test_of_several_tries_in_any_order_the_paid_one_counts() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        session_id = (await stage.init(tran_id="T-1")).json()["sessionId"]
        sale = stage.gateway.sales["T-1"]
        stage.gateway.pay("T-1")
        paid = stage.gateway.describe(sale)
        failed = paid | {"status": "FAILED", "val_id": "", "tran_date": "2030-01-01 06:05:00"}
        elements = ", ".join(str(one).replace("'", '"') for one in (failed, paid, failed))
        told = f'says {{"APIConnect": "DONE", "no_of_trans_found": 3, "element": [{elements}, [], null]}}'
        stage.gateway.script["queryTransaction"] = [told]
        await stage.advance(minutes=15)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_a_last_question_that_fails_is_asked_again_until_it_is_answered() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.advance(hours=23)
        assert (await stage.status(session_id))["state"] == "EXPIRED"
        stage.gateway.pay(tran_id)
        stage.gateway.script["queryTransaction"] = ["HTTP 500", "lost", "HTTP 500"]
        await stage.advance(hours=2)
        assert (await stage.status(session_id))["status"] == "SUCCESS"
        assert stage.server.timekeeper.next_due() is None


@pytest.mark.parametrize(("end", "state"), [("FAILED", "FAILED"), ("CANCELLED", "CANCELLED"), (None, "EXPIRED")])
async def test_an_end_without_money_that_nobody_can_be_asked_about_is_given_to_a_person(
    end: str | None, state: str
) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        if end is not None:
            await stage.ipn(session_id, stage.gateway.end(tran_id, end))
        await stage.advance(minutes=16)
        assert (await stage.status(session_id))["state"] == state
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 99
        await stage.advance(days=4)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"
        assert (await stage.order(tran_id))["audit"][-1]["cause"] == "the gateway could not be asked"


async def test_money_after_the_last_question_that_nobody_tells_of_is_found_as_soon_as_the_merchant_asks() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.advance(hours=25)
        stage.gateway.pay(tran_id)
        await stage.advance(days=9)
        assert ((await stage.status(session_id))["state"], stage.server.timekeeper.next_due()) == ("EXPIRED", None)
        # Calling it off asks first.
        assert (await stage.ask(f"/payment/withdraw/{session_id}", {})).status_code == 409
        await stage.quiesce()
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_a_session_of_a_whole_day_is_asked_about_after_its_end() -> None:
    async with staged(SETTINGS.model_copy(update={"session_minutes": 1440})) as stage:
        session_id, tran_id = await stage.opened()
        await stage.advance(minutes=1441)
        assert (await stage.status(session_id))["state"] == "EXPIRED"
        stage.gateway.pay(tran_id)
        await stage.advance(hours=7)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


UNMATCHED = {
    "another's end": {"tran_id": "OTHER", "status": "FAILED"},
    "no val_id": {"val_id": ""},
    "no order": {"tran_id": ""},
    "another order": {"tran_id": "T-"},
}


@pytest.mark.parametrize("told", UNMATCHED.values(), ids=UNMATCHED)
async def test_money_of_our_own_session_that_is_never_named_so_waits_for_a_person(told: dict[str, str]) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened(tran_id="T-1")
        stage.gateway.pay(tran_id, val_id=told.get("val_id", "2601011200SIM"))
        stage.gateway.sales[tran_id].told = told
        await stage.advance(hours=24)
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(hours=60)
        status = await stage.status(session_id)
        assert (status["state"], status["held"], stage.sink.calls) == ("NEEDS_REVIEW", True, [])
        assert "the gateway" in (await stage.order(tran_id))["audit"][-1]["cause"]


@pytest.mark.parametrize("told", UNMATCHED.values(), ids=UNMATCHED)
async def test_money_that_is_named_rightly_in_the_end_is_captured(told: dict[str, str]) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened(tran_id="T-1")
        stage.gateway.pay(tran_id, val_id=told.get("val_id", "2601011200SIM"))
        stage.gateway.sales[tran_id].told = told
        await stage.advance(hours=2)
        stage.gateway.sales[tran_id].told = {"val_id": "2601011200SIM"}
        await stage.advance(hours=24)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_held_money_is_asked_about_until_its_hold_lapses() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level="1"))
        await stage.advance(hours=50)
        assert (await stage.status(session_id))["state"] == "HELD"
        stage.gateway.sales[tran_id].risk_level = "0"
        await stage.advance(hours=7)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_money_released_in_the_hour_in_which_its_hold_lapses_is_captured() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level="1"))
        await stage.advance(hours=71, minutes=30)
        stage.gateway.sales[tran_id].risk_level = "0"
        await stage.advance(hours=1)
        assert (await stage.status(session_id))["status"] == "SUCCESS"
