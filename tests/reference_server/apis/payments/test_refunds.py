"""Refunds over the API: what may go back, under which name, and how each ends."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from reference_server.ids import PaymentId
from reference_server.payments.model import Payment
from reference_server.refunds.request import AskedRefund, request_refund
from tests.counts import large
from tests.reference_server.stage import API_KEY, API_SECRET, SETTINGS, Stage, staged

CAPTURED = 10_050
MERCHANT = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}


async def paid(stage: Stage) -> str:
    """Return the id of a payment of document 000 that brought 100.50 BDT."""
    session_id, _ = await stage.paid()
    found = select(Payment.id).where(Payment.session_id == session_id)
    return await stage.server.database.read(lambda session: session.exec(found).one())


async def refund(stage: Stage, payment_id: str, **body: Any) -> httpx.Response:
    return await stage.client.post(f"/api/v1/payments/{payment_id}/refunds", json=body, headers=MERCHANT)


async def read(stage: Stage, refund_id: str) -> dict[str, Any]:
    answer = await stage.ask(f"/api/v1/refunds/{refund_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_part_goes_back_and_says_when_it_was_there() -> None:
    async with staged() as stage:
        answer = await refund(
            stage, await paid(stage), amount=2_000, reason="One of five was broken", reference="RMA-17"
        )
        assert answer.status_code == 201, answer.text
        owed = answer.json()
        assert (owed["status"], owed["amount"], owed["currency"], owed["processed_at"]) == (
            "pending",
            2_000,
            "BDT",
            None,
        )
        await stage.advance(minutes=2)
        back = await read(stage, owed["id"])
        assert (back["status"], back["state"], back["error_description"]) == ("processed", "PROCESSED", None)
        assert back["processed_at"] > back["created_at"]


@pytest.mark.parametrize("nth", range(5))
async def test_the_sandbox_gives_back_after_three_to_five_seconds_to_the_millisecond(nth: int) -> None:
    settings = SETTINGS.model_copy(update={"seed": nth, "test_mode": True, "test_payment_success": True})
    async with staged(settings) as stage:
        body = {"amount": 500, "method": "upi", "vpa": "shopper@bank"}
        payment_id = (await stage.ask("/api/v1/payments", body)).json()["id"]
        await stage.advance(seconds=10)
        owed = (await refund(stage, payment_id, amount=200)).json()
        due = next(it for it in stage.server.timekeeper.list_due(10) if it.name == "send_refund")
        asked_at = datetime.fromisoformat(owed["created_at"])
        assert timedelta(seconds=3) <= due.at - asked_at <= timedelta(seconds=5)
        await stage.advance(seconds=5)
        back = await read(stage, owed["id"])
        assert (back["status"], datetime.fromisoformat(back["processed_at"])) == ("processed", due.at)


async def test_a_refund_that_the_server_owes_by_itself_waits_for_the_sandbox_too() -> None:
    settings = SETTINGS.model_copy(update={"test_mode": True, "test_payment_success": True})
    async with staged(settings) as stage:
        body = {"amount": 500, "method": "upi", "vpa": "shopper@bank"}
        payment_id = PaymentId((await stage.ask("/api/v1/payments", body)).json()["id"])
        await stage.advance(seconds=10)
        at, asked = stage.server.timekeeper.clock.now(), AskedRefund(None, "not delivered", "")
        owed = await stage.server.database.run(lambda session: request_refund(session, payment_id, asked, at=at).id)
        await stage.advance(seconds=2.9)
        assert (await read(stage, owed))["status"] == "pending"
        await stage.advance(seconds=2.1)
        assert (await read(stage, owed))["status"] == "processed"


async def test_without_an_amount_all_that_is_left_goes_back() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        await refund(stage, payment_id, amount=50)
        assert (await refund(stage, payment_id)).json()["amount"] == CAPTURED - 50
        refused = await refund(stage, payment_id)
        assert (refused.status_code, refused.json()["amount_refundable"]) == (409, 0)


async def test_both_paths_ask_for_the_same() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        body = {"payment_id": payment_id, "amount": 2_000, "reference": "RMA-17"}
        first = await stage.ask("/api/v1/refunds", body)
        assert first.status_code == 201, first.text
        again = await refund(stage, payment_id, amount=2_000, reference="RMA-17")
        assert (again.status_code, again.json()) == (200, first.json())


async def test_a_reference_is_of_one_sum() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        owed = (await refund(stage, payment_id, amount=2_000, reference="RMA-17")).json()
        other = await refund(stage, payment_id, amount=2_001, reference="RMA-17")
        assert (other.status_code, other.json()["refundId"]) == (409, owed["id"])


async def test_an_integer_may_be_written_with_a_fraction_or_an_exponent() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        for written in (b"2000.0", b"2e3"):
            body = b'{"amount": ' + written + b"}"
            headers = MERCHANT | {"content-type": "application/json"}
            answer = await stage.client.post(f"/api/v1/payments/{payment_id}/refunds", content=body, headers=headers)
            assert (answer.status_code, answer.json()["amount"]) == (201, 2_000)


@pytest.mark.parametrize("amount", [0, -1, 1.5, "2000", 10**15 + 1, True])
async def test_a_sum_that_is_none_is_refused(amount: object) -> None:
    async with staged() as stage:
        assert (await refund(stage, await paid(stage), amount=amount)).status_code == 400


async def test_a_payment_that_brought_no_money_gives_none_back() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        found = select(Payment.id).where(Payment.session_id == session_id)
        payment_id = await stage.server.database.read(lambda session: session.exec(found).one())
        answer = await refund(stage, payment_id, amount=1)
        assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")


async def test_what_the_gateway_refuses_is_told_and_frees_its_sum() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        stage.gateway.script["initiateRefund"] = [
            'says {"APIConnect": "DONE", "status": "failed", "errorReason": "card closed"}'
        ]
        owed = (await refund(stage, payment_id)).json()
        await stage.quiesce()
        told = await read(stage, owed["id"])
        assert (told["status"], told["processed_at"]) == ("failed", None)
        assert "card closed" in told["error_description"]
        assert (await refund(stage, payment_id)).status_code == 201


async def test_another_merchants_payment_and_refund_look_like_what_is_not_there() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        refund_id = (await refund(stage, payment_id, amount=1)).json()["id"]
        other = (await stage.client.post("/api/v1/merchants", json={"email": "o@shop.example"})).json()
        headers = {"x-api-key": other["api_key"], "x-api-secret": other["api_secret"]}
        for method, path, absent in (
            ("GET", f"/api/v1/refunds/{refund_id}", "/api/v1/refunds/rfnd_none"),
            ("POST", f"/api/v1/payments/{payment_id}/refunds", "/api/v1/payments/pay_none/refunds"),
        ):
            sent = headers | {"content-type": "application/json"}
            seen = [await stage.client.request(method, at, content=b"{}", headers=sent) for at in (path, absent)]
            assert seen[0].status_code == 404
            assert seen[0].content == seen[1].content
        listed = await stage.client.get("/api/v1/refunds", headers=headers)
        assert listed.json()["items"] == []


async def test_the_list_is_newest_first_and_filtered() -> None:
    async with staged() as stage:
        payment_id = await paid(stage)
        ids: list[str] = []
        for _ in range(3):
            ids.append((await refund(stage, payment_id, amount=1)).json()["id"])
            await stage.advance(seconds=1)
        page = (await stage.ask("/api/v1/refunds?limit=2&offset=1")).json()
        assert [one["id"] for one in page["items"]] == ids[1::-1]
        assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
        assert (await stage.ask("/api/v1/refunds?status=failed")).json()["items"] == []
        assert (await stage.ask(f"/api/v1/refunds?payment_id={payment_id}")).json()["total"] == 3
        assert (await stage.ask("/api/v1/refunds?payment_id=pay_none")).json()["total"] == 0


@given(st.lists(st.integers(min_value=1, max_value=CAPTURED), min_size=1, max_size=12))
@settings(max_examples=large(60), deadline=None)
async def test_a_refund_is_accepted_exactly_while_its_sum_is_left(amounts: list[int]) -> None:
    async with staged() as stage:
        payment_id, left = await paid(stage), CAPTURED
        for amount in amounts:
            answer = await refund(stage, payment_id, amount=amount)
            assert answer.status_code == (201 if amount <= left else 409)
            left -= amount if answer.status_code == 201 else 0
            assert answer.json().get("amount_refundable", left) == left
        await stage.advance(minutes=2)
        tran_id = next(iter(stage.gateway.sales))
        assert stage.gateway.given_back(tran_id) * 100 == CAPTURED - left
