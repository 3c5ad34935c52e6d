"""What a person decides while money may still be on its way: nothing is forgotten, and nobody is charged in vain."""

from decimal import Decimal

import pytest

from tests.reference_server.apis.payments.shop import UPI, created, get, post, sandbox_says
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.payments.test_lost_answers import agreed, state_of
from tests.reference_server.stage import staged


@pytest.mark.parametrize("capture", ["automatic", "manual"])
async def test_a_cancel_after_a_return_forgets_no_money(capture: str) -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = ["lost", *["unreached"] * 9]
        payment_id = await created(stage, capture=capture)
        await stage.advance(days=4)
        book.script["close"] = ["unreached"]
        assert (await post(stage, f"/payments/{payment_id}/review", {"decision": "return"})).status_code == 200
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await stage.advance(days=10)

        assert await agreed(stage, book)
    assert sum(entry.kept_minor for entry in book.book.values()) == 0


async def test_money_of_a_page_whose_gateway_was_silent_goes_back_when_it_speaks() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["queryTransaction"] = ["HTTP 500"] * 200
        stage.gateway.pay(tran_id)
        await stage.advance(days=4)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"
        assert (await stage.decide(session_id, "return")).status_code == 200
        stage.gateway.script["queryTransaction"] = []
        await stage.advance(days=30)

        assert stage.gateway.given_back(tran_id) == Decimal("100.50")


async def test_what_the_merchant_called_off_is_returned_and_never_charged() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        payment_id = await created(stage, capture="manual")
        await stage.advance(seconds=2)
        book.script["void"] = ["unreached"] * 12
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await stage.advance(days=4)
        assert await state_of(stage, payment_id) == "NEEDS_REVIEW"
        accepted = await post(stage, f"/payments/{payment_id}/review", {"decision": "accept"})
        book.script["void"] = []
        returned = await post(stage, f"/payments/{payment_id}/review", {"decision": "return"})
        await stage.advance(days=4)

        assert (accepted.status_code, returned.status_code) == (409, 200)
        assert "called off" in accepted.json()["detail"]
        assert await agreed(stage, book)
    assert book.calls["capture"] == 0
    assert sum(entry.kept_minor for entry in book.book.values()) == 0


async def test_money_that_came_for_what_was_called_off_cannot_be_accepted_either() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"], book.script["close"] = ["lost"], ["unreached"] * 9
        payment_id = await created(stage)
        await stage.advance(seconds=2)
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await stage.advance(days=4)
        assert await state_of(stage, payment_id) == "NEEDS_REVIEW"
        accepted = await post(stage, f"/payments/{payment_id}/review", {"decision": "accept"})
        await stage.advance(days=1)
        returned = await post(stage, f"/payments/{payment_id}/review", {"decision": "return"})
        told = await get(stage, f"/payments/{payment_id}")

        assert (accepted.status_code, returned.status_code) == (409, 200)
        assert "called off" in accepted.json()["detail"]
        assert (told["held"], told["amount_captured"] - told["amount_refunded"]) == (False, 0)
        assert await agreed(stage, book)


async def test_nobody_is_charged_for_an_order_that_another_payment_has_paid() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        body = UPI | {"order_id": "shop-1"}
        first = (await post(stage, "/payments", body | {"capture": "manual"})).json()
        await stage.advance(seconds=2)
        book.script["capture"], book.script["void"] = ["declined"], ["unreached"] * 11
        await post(stage, f"/payments/{first['id']}/capture", {})
        second = (await post(stage, "/payments", body)).json()
        await stage.advance(days=5)
        assert await state_of(stage, second["id"]) == "CAPTURED"
        assert await state_of(stage, first["id"]) == "NEEDS_REVIEW"
        answer = await post(stage, f"/payments/{first['id']}/review", {"decision": "accept"})

        assert answer.status_code == 409, answer.text
        assert "another payment" in answer.json()["detail"]
    assert book.calls["capture"] == 1


async def test_a_no_to_the_second_question_does_not_hide_what_the_first_one_brought() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = ["lost", "refused"]
        payment_id = await created(stage)
        await stage.advance(hours=1)

        assert await state_of(stage, payment_id) == "CAPTURED"
        assert await agreed(stage, book)


async def test_a_no_to_the_second_question_counts_where_the_first_one_never_arrived() -> None:
    book = BookedAcquirer()
    async with staged(sandbox_says(), acquirer=book) as stage:
        book.script["authorize"] = ["unreached", "refused"]
        payment_id = await created(stage)
        await stage.advance(hours=1)

        assert await state_of(stage, payment_id) == "FAILED"
        assert await agreed(stage, book)
