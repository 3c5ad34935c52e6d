"""Refunds of one payment asked for at the same moment: never more goes back than came, on either engine."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
from sqlmodel import Session, select

from reference_server.clock import ClockMode
from reference_server.ids import PaymentId
from reference_server.payments.model import Payment
from reference_server.refunds.lifecycle import binds_money
from reference_server.refunds.store import list_refunds
from tests.counts import large
from tests.reference_server.stage import API_KEY, API_SECRET, SETTINGS, Stage, staged
from tests.reference_server.test_system_clock import until
from tests.services.test_races import pair

MERCHANT = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
CAPTURED = 10_000


async def paid(stage: Stage) -> PaymentId:
    session_id, tran_id = await stage.opened(amount="100.00")
    await stage.ipn(session_id, stage.gateway.pay(tran_id))
    await until(stage, session_id, "SUCCESS")
    found = select(Payment.id).where(Payment.session_id == session_id)
    return PaymentId(await stage.server.database.read(lambda session: session.exec(found).one()))


async def refund(stage: Stage, payment_id: str, **body: object) -> httpx.Response:
    return await stage.client.post(f"/api/v1/payments/{payment_id}/refunds", json=body, headers=MERCHANT)


async def bound(stage: Stage, payment_id: PaymentId) -> int:
    """Return what of the payment is back or on its way, from the rows themselves."""

    def look(session: Session) -> int:
        return sum(one.amount_minor for one in list_refunds(session, payment_id) if binds_money(one.state))

    return await stage.server.database.read(look)


async def test_of_ten_fifths_at_once_on_two_servers_five_are_accepted(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        for _ in range(large(200)):
            payment_id = await paid(both[0])
            answers = await asyncio.gather(*(refund(both[n % 2], payment_id, amount=2_000) for n in range(10)))
            assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 5}
            assert await bound(both[1], payment_id) == CAPTURED


async def test_of_ten_fifths_at_once_in_one_process_on_a_file_five_are_accepted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'refunds.db'}"
    settings = SETTINGS.model_copy(update={"clock": ClockMode.SYSTEM, "seed": None, "database_url": url})
    async with staged(settings) as stage:
        payment_id = await paid(stage)
        answers = await asyncio.gather(*(refund(stage, payment_id, amount=2_000) for _ in range(10)))
        assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 5}
        assert await bound(stage, payment_id) == CAPTURED


async def test_a_full_and_a_partial_refund_at_once_leave_one_of_them_refused(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        for _ in range(large(20)):
            payment_id = await paid(both[0])
            answers = await asyncio.gather(refund(both[0], payment_id), refund(both[1], payment_id, amount=6_000))
            assert await bound(both[0], payment_id) == CAPTURED
            # The full one takes what is left: second in line, that is the rest.
            assert sorted(answer.status_code for answer in answers) in ([201, 201], [201, 409])


async def test_one_reference_at_once_on_two_servers_is_one_refund(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        payment_id = await paid(both[0])
        asked = (refund(both[n % 2], payment_id, amount=2_000, reference="RMA-17") for n in range(10))
        answers = await asyncio.gather(*asked)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert await bound(both[1], payment_id) == 2_000


async def test_one_email_registered_at_once_on_two_servers_is_one_merchant(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        body = {"email": "owner@shop.example"}
        asked = (both[n % 2].client.post("/api/v1/merchants", json=body) for n in range(6))
        answers = await asyncio.gather(*asked)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}


async def test_an_erasure_beside_a_notification_leaves_nothing_of_the_shopper(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        for number in range(5):
            session_id, tran_id = await both[0].opened()
            fields = both[0].gateway.pay(tran_id, cus_name=f"canary{number}")
            asked = {"order_id": tran_id}
            await asyncio.gather(both[0].ipn(session_id, fields), both[1].ask("/api/v1/privacy/erase", asked))
            await until(both[0], session_id, "SUCCESS")
            told = (await both[1].ask("/api/v1/privacy/export", asked)).json()["records"]
            assert f"canary{number}" not in str(told)
            assert "rahima" not in str(told).lower()
