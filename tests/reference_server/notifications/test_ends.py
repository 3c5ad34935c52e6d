"""IPNs of failure, cancel and expiry, and the money that comes after or before them."""

import pytest

from tests.reference_server.stage import SETTINGS, staged, states

REVIEW_LATE = SETTINGS.model_copy(update={"late_capture": "review"})


@pytest.mark.parametrize(
    ("status", "state", "word"),
    [
        ("FAILED", "FAILED", "FAILED"),
        ("CANCELLED", "CANCELLED", "CANCELLED"),
        ("EXPIRED", "EXPIRED", "FAILED"),
        ("UNATTEMPTED", "EXPIRED", "FAILED"),
    ],
)
async def test_an_end_without_money_is_confirmed_by_the_query(status: str, state: str, word: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.end(tran_id, status))
        told = await stage.status(session_id)
        assert (told["state"], told["status"], told["expired"]) == (state, word, state == "EXPIRED")
        assert stage.gateway.calls["queryTransaction"] == 1
        assert stage.gateway.calls["validateOrder"] == 0


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
async def test_a_gateway_that_only_knows_of_no_money_is_believed_with_the_signed_word(status: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.end(tran_id, status)
        stage.gateway.script["queryTransaction"] = ['says {"APIConnect": "DONE", "status": "FAILED"}']
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == status


async def test_an_unsigned_cancel_is_worth_what_the_gateway_says() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answer = await stage.ipn(session_id, {"tran_id": tran_id, "status": "CANCELLED"})
        assert (answer.status_code, (await stage.status(session_id))["state"]) == (200, "PENDING")


async def test_a_failed_try_leaves_the_payment_pending_while_the_gateway_waits_for_another() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.end(tran_id, "FAILED")
        stage.gateway.sales[tran_id].status = "PENDING"
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "PENDING"
        assert (await stage.order(tran_id))["audit"][-1]["event"] == "attempt_declined"


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "EXPIRED"])
async def test_success_after_an_end_without_money_pays(status: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.end(tran_id, status))
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")


async def test_success_after_a_failure_waits_for_a_person_where_the_policy_says_so() -> None:
    async with staged(REVIEW_LATE) as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.end(tran_id, "FAILED"))
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.quiesce()
        assert await states(stage, session_id) == ("PENDING", "NEEDS_REVIEW", None)


async def test_a_failure_after_success_revokes_nothing_and_is_noted() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        answer = await stage.ipn(session_id, stage.gateway.end(tran_id, "FAILED"))
        await stage.quiesce()
        assert answer.status_code == 200
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert "refused" in (await stage.order(tran_id))["audit"][-1]["cause"]


@pytest.mark.parametrize(
    "told", ['{"APIConnect": "DONE"}', '{"APIConnect": "DONE", "no_of_trans_found": 0, "element": []}']
)
@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "EXPIRED"])
async def test_an_unsigned_end_of_which_the_gateway_knows_nothing_moves_nothing(status: str, told: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["queryTransaction"] = [f"says {told}"]
        answer = await stage.ipn(session_id, {"tran_id": tran_id, "status": status})
        assert (answer.status_code, (await stage.status(session_id))["state"]) == (200, "PENDING")
