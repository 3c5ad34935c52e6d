"""Held money that an acquirer does not capture, or not release: a no is an end, and silence leads to a person."""

import pytest

from reference_server.jobs.schedule import ACQUIRE
from tests.reference_server.apis.payments.shop import created, get, post, sandbox_says
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.payments.test_lost_answers import agreed, state_of
from tests.reference_server.stage import Stage, staged


async def held(stage: Stage) -> str:
    payment_id = await created(stage, capture="manual")
    await stage.advance(seconds=2)
    assert await state_of(stage, payment_id) == "AUTHORIZED"
    return payment_id


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("declined", "FAILED", "account_frozen"),
        ("refused", "FAILED", "payment_failed"),
        ("lapsed", "EXPIRED", "expired"),
    ],
)
@pytest.mark.parametrize("lost", [0, 2])
async def test_a_capture_that_is_refused_for_good_ends_and_nothing_stays_held(
    fault: str, state: str, code: str, lost: int
) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        book.script["capture"] = ["unreached"] * lost + [fault]
        answer = await post(stage, f"/payments/{payment_id}/capture", {"amount": 20_000})
        assert answer.status_code == (502 if lost else 200)
        await stage.advance(hours=1)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["status"], told["state"], told["error_code"]) == ("failed", state, code)
        assert lost or answer.json() == told
        await stage.advance(days=9)
        assert book.calls["capture"] == lost + 1
        assert await agreed(stage, book)


@pytest.mark.parametrize("fault", ["unknown", "pending", "late"])
async def test_a_capture_that_says_nothing_yet_is_asked_for_until_it_does(fault: str) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        book.script["capture"] = [fault, fault]
        answer = await post(stage, f"/payments/{payment_id}/capture", {"amount": 20_000})
        assert answer.status_code == (504 if fault == "late" else 200)
        assert (await post(stage, f"/payments/{payment_id}/cancel", {})).status_code == 409
        await stage.advance(minutes=1)
        assert await state_of(stage, payment_id) == "AUTHORIZED"
        book.let_late_calls_arrive()
        await stage.advance(minutes=2)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["state"], told["amount_captured"]) == ("CAPTURED", 20_000)
        assert await agreed(stage, book)


@pytest.mark.parametrize(("path", "call"), [("capture", "capture"), ("cancel", "void"), ("", "void")])
@pytest.mark.parametrize("fault", ["unreached", "unknown"])
async def test_an_acquirer_that_never_says_is_asked_on_the_schedule_and_then_a_person_looks(
    path: str, call: str, fault: str
) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        book.script[call] = [fault] * 99
        if path:
            await post(stage, f"/payments/{payment_id}/{path}", {})
        await stage.advance(days=11)
        assert await state_of(stage, payment_id) == "NEEDS_REVIEW"
        assert book.calls[call] == len(ACQUIRE) + 1 + bool(path)
        assert stage.server.timekeeper.next_due() is None
        book.script.clear()
        answer = await post(stage, f"/payments/{payment_id}/review", {"decision": "return"})
        assert answer.json()["state"] == "FAILED"
        await stage.advance(minutes=1)
        assert await agreed(stage, book)


@pytest.mark.parametrize("fault", ["refused", "declined", "still held", "unknown", "pending"])
async def test_a_void_that_is_not_confirmed_is_asked_for_again(fault: str) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        book.script["void"] = [fault, fault]
        await post(stage, f"/payments/{payment_id}/cancel", {})
        assert await state_of(stage, payment_id) == "AUTHORIZED"
        await stage.advance(minutes=3)
        assert await state_of(stage, payment_id) == "CANCELLED"
        assert await agreed(stage, book)


async def test_money_that_was_captured_before_its_void_goes_back_and_the_payment_ends() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        (entry,) = book.book.values()
        entry.standing, entry.captured_minor = "captured", 50_000
        answer = await post(stage, f"/payments/{payment_id}/cancel", {})
        assert (answer.json()["state"], answer.json()["amount_refund_pending"]) == ("CANCELLED", 50_000)
        await stage.advance(days=9)
        assert await agreed(stage, book)
        assert entry.kept_minor == 0


async def test_a_refusal_that_was_not_true_is_found_out_by_the_release() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await held(stage)
        book.script["capture"] = ["lost", "declined"]
        assert (await post(stage, f"/payments/{payment_id}/capture", {})).status_code == 504
        await stage.advance(minutes=2)
        assert await state_of(stage, payment_id) == "CAPTURED"
        assert await agreed(stage, book)
