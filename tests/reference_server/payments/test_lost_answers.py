"""An acquirer that keeps a book and loses answers, and payments that are called off meanwhile: nothing stays there."""

import pytest

from reference_server.jobs import store as jobs
from reference_server.payments.apply import ACQUIRE_PAYMENT
from tests.reference_server.apis.payments.shop import created, get, post, sandbox_says
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.payments.test_acquiring import acquiring, claim_of
from tests.reference_server.stage import Stage, staged

LOST = ["lost", "late", "unreached", "unknown"]


async def state_of(stage: Stage, payment_id: str) -> str:
    return (await get(stage, f"/payments/{payment_id}"))["state"]


async def agreed(stage: Stage, book: BookedAcquirer) -> bool:
    """Say whether all is quiet and both sides say the same of the money."""
    payments = (await get(stage, "/payments", limit=100))["items"]
    told = sum(one["amount_captured"] - one["amount_refunded"] for one in payments)
    kept = sum(entry.kept_minor for entry in book.book.values())
    return stage.server.timekeeper.next_due() is None and not book.held() and told == kept


@pytest.mark.parametrize("capture", ["automatic", "manual"])
@pytest.mark.parametrize("fault", LOST)
async def test_money_whose_answer_was_lost_before_the_cancel_goes_back(fault: str, capture: str) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"], book.script["close"] = [fault], ["unreached", "lost", "unknown"]
        payment_id = await created(stage, capture=capture)
        await stage.advance(seconds=2)
        assert (await post(stage, f"/payments/{payment_id}/cancel", {})).json()["state"] == "CANCELLED"
        await stage.advance(days=1)
        book.let_late_calls_arrive()
        await stage.advance(days=9)
        assert await state_of(stage, payment_id) == "CANCELLED"
        assert book.calls["authorize"] == 1
        assert await agreed(stage, book)
        assert sum(entry.kept_minor for entry in book.book.values()) == 0


async def test_a_cancelled_payment_is_asked_about_at_once_and_not_at_the_schedules_next_turn() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = ["lost"] + ["unreached"] * 8
        payment_id = await created(stage, capture="manual")
        await stage.advance(hours=11)
        assert (book.calls["authorize"], len(book.held())) == (9, 1)
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await stage.advance(seconds=1)
        assert book.held() == []
        assert await agreed(stage, book)


@pytest.mark.parametrize("capture", ["automatic", "manual"])
async def test_what_nobody_can_be_asked_about_ends_with_a_person_whose_return_is_asked_for_again(capture: str) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"], book.script["close"] = ["lost"], ["unreached"] * 12
        payment_id = await created(stage, capture=capture)
        await stage.advance(seconds=2)
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await stage.advance(days=4)
        assert (await state_of(stage, payment_id), book.calls["close"]) == ("NEEDS_REVIEW", 9)
        assert stage.server.timekeeper.next_due() is None
        answer = await post(stage, f"/payments/{payment_id}/review", {"decision": "return"})
        assert (answer.status_code, answer.json()["state"]) == (200, "FAILED")
        await stage.advance(days=1)
        assert await agreed(stage, book)
        assert await state_of(stage, payment_id) == "FAILED"


async def test_a_worker_that_dies_over_the_answer_before_a_cancel_leaves_nothing_held() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await created(stage, capture="manual")
        claim = claim_of(stage, ACQUIRE_PAYMENT, payment_id)
        await acquiring(stage, book).acquire_payment(claim)
        assert len(book.held()) == 1
        assert (await post(stage, f"/payments/{payment_id}/cancel", {})).json()["state"] == "CANCELLED"
        now = stage.server.timekeeper.clock.now()
        stage.server.database.run_now(lambda session: jobs.release_all(session, "test", now=now))
        await stage.advance(minutes=1)
        assert await state_of(stage, payment_id) == "CANCELLED"
        assert await agreed(stage, book)


async def test_a_bare_no_to_an_authorization_ends_the_payment() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = ["refused"]
        payment_id = await created(stage)
        await stage.advance(seconds=2)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["state"], told["error_code"]) == ("FAILED", "payment_failed")
        assert told["error_description"] == "not for this merchant"
        assert await agreed(stage, book)


async def test_further_tries_after_declines_are_no_silence() -> None:
    book = BookedAcquirer(declines_pass=True)
    async with staged(sandbox_says(retry_failed_payments=3), acquirer=book) as stage:
        book.script["authorize"] = ["declined"] * 2 + ["unreached"] * 9
        payment_id = await created(stage)
        await stage.advance(days=4)
        assert (await state_of(stage, payment_id), book.calls["authorize"]) == ("CAPTURED", 12)
        assert await agreed(stage, book)


async def test_an_authorization_of_another_sum_is_released() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await created(stage, capture="manual")
        book.script["authorize"] = ["another sum"]
        await stage.advance(minutes=1)
        assert await state_of(stage, payment_id) == "FAILED"
        assert await agreed(stage, book)
