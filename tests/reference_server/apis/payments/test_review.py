"""A person's word on a payment in review, over the API: what it does, what it refuses, and who else is told."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.reference_server.apis.payments.shop import UPI, created, get, post, sandbox_says
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.payments.test_lost_answers import agreed
from tests.reference_server.payments.test_review import held, sums
from tests.reference_server.stage import Stage, staged
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, Receiver

SILENT = ["unreached"] * 12
ACCEPT, RETURN = {"decision": "accept"}, {"decision": "return"}


@asynccontextmanager
async def in_review(
    capture: str = "manual", *, authorize: str = "lost"
) -> AsyncGenerator[tuple[Stage, BookedAcquirer, str]]:
    """Yield a payment whose authorization nobody could ask about; what the acquirer did is `authorize`."""
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = [authorize, *SILENT[:9]]
        payment_id = await created(stage, capture=capture)
        await stage.advance(days=4)
        assert (await get(stage, f"/payments/{payment_id}"))["held"]
        yield stage, book, payment_id


async def review(stage: Stage, payment_id: str, body: dict[str, str], **headers: str) -> tuple[int, Any]:
    answer = await post(stage, f"/payments/{payment_id}/review", body, **headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("capture", ["automatic", "manual"])
async def test_what_a_person_accepts_is_captured(capture: str) -> None:
    async with in_review(capture) as (stage, book, payment_id):
        status, told = await review(stage, payment_id, ACCEPT)
        assert (status, told["state"], told["amount_captured"]) == (200, "CAPTURED", 50_000)
        assert (told["status"], told["held"]) == ("success", False)
        assert told == await get(stage, f"/payments/{payment_id}")
        assert await agreed(stage, book)


@pytest.mark.parametrize("capture", ["automatic", "manual"])
@pytest.mark.parametrize("close", [[], ["unreached", "lost", "unknown"]])
async def test_what_a_person_returns_goes_back_whether_or_not_the_acquirer_can_be_asked_now(
    capture: str, close: list[str]
) -> None:
    async with in_review(capture) as (stage, book, payment_id):
        book.script["close"] = close
        status, told = await review(stage, payment_id, RETURN)
        assert (status, told["state"], told["status"]) == (200, "FAILED", "failed")
        await stage.advance(days=1)
        assert await agreed(stage, book)
        assert sum(entry.kept_minor for entry in book.book.values()) == 0
        if capture == "automatic":
            (refund,) = (await get(stage, "/refunds"))["items"]
            assert refund["cause"] in {"returned", "late_money"}


async def test_nothing_is_begun_at_the_acquirer_that_it_never_heard_of() -> None:
    async with in_review("automatic", authorize="unreached") as (stage, book, payment_id):
        status, problem = await review(stage, payment_id, ACCEPT)
        assert (status, "no money" in problem["detail"]) == (409, True)
        assert [entry.standing for entry in book.book.values()] == ["closed"]
        assert (await review(stage, payment_id, RETURN))[1]["state"] == "FAILED"
        await stage.advance(days=1)
        assert await agreed(stage, book)


@pytest.mark.parametrize(("fault", "status"), [("lost", 504), ("unreached", 502), ("pending", 502), ("unknown", 502)])
async def test_held_money_stays_in_review_while_nobody_knows_whether_it_was_captured(fault: str, status: int) -> None:
    async with in_review() as (stage, book, payment_id):
        book.script["capture"] = [fault, fault]
        for _ in range(1 if fault in {"lost", "pending"} else 2):
            assert (await review(stage, payment_id, ACCEPT))[0] == status
            assert (await get(stage, f"/payments/{payment_id}"))["state"] == "NEEDS_REVIEW"
        assert (await review(stage, payment_id, ACCEPT))[1]["amount_captured"] == 50_000
        assert await agreed(stage, book)


async def test_what_the_acquirer_refuses_to_capture_can_only_be_returned() -> None:
    async with in_review() as (stage, book, payment_id):
        book.script["capture"] = ["declined"]
        status, problem = await review(stage, payment_id, ACCEPT)
        assert (status, "account is frozen" in problem["detail"]) == (409, True)
        assert len(book.held()) == 1
        assert (await review(stage, payment_id, RETURN))[0] == 200
        await stage.advance(minutes=1)
        assert await agreed(stage, book)


async def test_money_that_lapsed_meanwhile_is_none_to_accept() -> None:
    async with in_review() as (stage, book, payment_id):
        book.script["capture"] = ["lapsed"]
        status, problem = await review(stage, payment_id, ACCEPT)
        assert (status, "no money" in problem["detail"]) == (409, True)
        assert (await review(stage, payment_id, RETURN))[1]["state"] == "FAILED"
        await stage.advance(minutes=1)
        assert await agreed(stage, book)


async def test_only_what_is_in_review_is_decided_and_nothing_else_is_closed_at_the_acquirer() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await created(stage)
        status, problem = await review(stage, payment_id, RETURN)
        assert (status, problem["state"]) == (409, "PENDING")
        await stage.advance(seconds=2)
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "CAPTURED"
        assert (await review(stage, payment_id, RETURN))[1]["state"] == "CAPTURED"
        assert book.calls["close"] == 0


async def test_one_key_decides_once_and_the_trail_says_who_decided_what() -> None:
    async with in_review() as (stage, book, payment_id):
        body, key = {**RETURN, "note": "The shopper called"}, {"idempotency-key": "k-1"}
        first = await review(stage, payment_id, body, **key)
        assert first[0] == 200
        assert await review(stage, payment_id, body, **key) == first
        assert (await review(stage, payment_id, ACCEPT, **key))[0] == 422
        assert (await review(stage, payment_id, RETURN))[0] == 409
        lines = (await get(stage, f"/payments/{payment_id}/audit", limit=100))["items"]
        (line,) = [one for one in lines if one["event"] == "returned"]
        assert (line["before"], line["after"]) == ("NEEDS_REVIEW", "FAILED")
        assert line["cause"] == "a person decided: return (The shopper called)"
        await stage.advance(minutes=1)
        assert await agreed(stage, book)


@pytest.mark.parametrize("body", [{}, {"decision": "waive"}, {**RETURN, "note": "of 4111 1111 1111 1111"}])
async def test_a_word_that_says_nothing_or_too_much_is_refused(body: dict[str, str]) -> None:
    async with in_review() as (stage, _, payment_id):
        assert (await review(stage, payment_id, body))[0] == 400
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "NEEDS_REVIEW"
        assert (await review(stage, "pay_00000000000000000000", RETURN))[0] == 404


@pytest.mark.parametrize(("decision", "state"), [(ACCEPT, "CAPTURED"), (RETURN, "FAILED")])
async def test_a_payment_on_a_gateways_page_is_decided_alike(decision: dict[str, str], state: str) -> None:
    async with staged() as stage:
        _, tran_id = await held(stage, risk_level="1")
        (payment,) = (await get(stage, "/payments", state="HELD"))["items"]
        status, told = await review(stage, payment["id"], decision)
        assert (status, told["state"]) == (200, state)
        captured, back, given = await sums(stage, tran_id)
        assert (captured, back) == (10_050, 10_050 if state == "FAILED" else 0)
        assert int(given * 100) == back


async def test_the_gateway_is_asked_before_a_person_decides_on_its_page_too() -> None:
    async with staged() as stage:
        _, tran_id = await held(stage, risk_level="1")
        stage.gateway.sales[tran_id].risk_level = "0"
        (payment,) = (await get(stage, "/payments", state="HELD"))["items"]
        status, problem = await review(stage, payment["id"], RETURN)
        assert (status, problem["state"]) == (409, "CAPTURED")


async def test_an_order_whose_payment_was_returned_can_be_paid_again() -> None:
    async with in_review() as (stage, book, payment_id):
        order = (await get(stage, f"/payments/{payment_id}"))["order_id"]
        assert (await post(stage, "/payments", UPI | {"order_id": order})).status_code == 409
        await review(stage, payment_id, RETURN)
        await created(stage, order_id=order)
        await stage.advance(minutes=1)
        assert await agreed(stage, book)
        assert [entry.standing for entry in book.book.values()] == ["released", "captured"]


@pytest.mark.parametrize(("decision", "event"), [(ACCEPT, "payment.success"), (RETURN, "payment.failed")])
async def test_whoever_listens_is_told_that_a_person_is_wanted_and_what_was_decided(
    decision: dict[str, str], event: str
) -> None:
    receiver, book = Receiver(), BookedAcquirer()
    settings = sandbox_says(peers=HOOKS.peers)
    async with staged(settings, hooks={"hooks.test": receiver.answer}, acquirer=book) as stage:
        receiver.clock = stage.server.timekeeper.clock
        events = ["payment.held", "payment.success", "payment.failed"]
        assert (await post(stage, "/endpoints", {"url": HOOK_URL, "events": events})).status_code == 201
        book.script["authorize"] = ["lost", *SILENT[:9]]
        payment_id = await created(stage)
        await stage.advance(days=4)
        assert (await review(stage, payment_id, decision))[0] == 200
        await stage.advance(days=1)
        assert [taken.told["event"] for taken in receiver.taken] == ["payment.held", event]
        assert {taken.told["payment_id"] for taken in receiver.taken} == {payment_id}
