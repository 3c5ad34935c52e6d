"""Two servers on one PostgreSQL, asked for the same at the same moment: row locks and unique keys decide, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from reference_server.clock import ClockMode
from tests.reference_server.stage import SETTINGS, Stage, staged
from tests.reference_server.test_system_clock import until


@asynccontextmanager
async def pair(url: str) -> AsyncGenerator[tuple[Stage, Stage]]:
    """Have two servers on one database, gateway and merchant's system, each with its own connections."""
    settings = SETTINGS.model_copy(update={"clock": ClockMode.SYSTEM, "seed": None, "database_url": url})
    async with staged(settings.model_copy(update={"worker_name": "one"})) as one:
        other_settings = settings.model_copy(update={"worker_name": "other"})
        async with staged(other_settings, gateway=one.gateway, sink=one.sink) as other:
            yield one, other


async def paid_on(stage: Stage, **changes: str) -> tuple[str, str]:
    session_id, tran_id = await stage.opened(**changes)
    await stage.ipn(session_id, stage.gateway.pay(tran_id))
    await until(stage, session_id, "SUCCESS")
    return session_id, tran_id


async def sums(stage: Stage, tran_id: str) -> tuple[int, int]:
    """Return what came for an order by all its payments, and what of it is back or on its way."""
    listed: Any = await stage.server.control.list_orders()
    payments = [payment for payment in listed["orders"] if payment["order"] == tran_id]
    back = sum(payment["refunded_minor"] + payment["refunds_pending_minor"] for payment in payments)
    return sum(payment["captured_minor"] for payment in payments), back


async def test_of_ten_refunds_of_a_fifth_at_once_five_are_accepted(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        session_id, tran_id = await paid_on(both[0], amount="100.00")
        answers = await asyncio.gather(*(both[n % 2].refund(session_id, amount="20.00") for n in range(10)))
        assert Counter(answer.status_code for answer in answers) == {202: 5, 409: 5}
        assert await sums(both[1], tran_id) == (10_000, 10_000)


async def test_one_notification_at_once_on_two_servers_has_one_effect(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        session_id, tran_id = await both[0].opened()
        fields = both[0].gateway.pay(tran_id)
        answers = await asyncio.gather(*(both[n % 2].ipn(session_id, fields) for n in range(20)))
        await until(both[1], session_id, "SUCCESS")
        assert {answer.status_code for answer in answers} == {200}
        assert (both[0].gateway.calls["validateOrder"], len(both[0].sink.calls)) == (1, 1)
        assert await sums(both[1], tran_id) == (10_050, 0)


async def test_two_payments_of_one_order_that_come_at_once_pay_it_once_and_one_goes_back(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        for _ in range(5):
            first, tran_id = await both[0].opened()
            second, _ = await both[1].opened(tran_id=tran_id)
            gateway = both[0].gateway
            sales = [sale for sale in gateway.all_sales() if sale.tran_id == tran_id]
            fields = [gateway.pay_sale(sale) for sale in sales]
            await asyncio.gather(both[0].ipn(first, fields[0]), both[1].ipn(second, fields[1]))
            words = [(await both[0].status(session))["state"] for session in (first, second)]
            assert words == ["CAPTURED", "CAPTURED"]
            assert await sums(both[0], tran_id) == (2 * 10_050, 10_050)


async def test_one_order_asked_for_on_both_at_once_is_one_order_with_one_payable_session(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        answers = await asyncio.gather(*(both[n % 2].init(tran_id="ONCE-1") for n in range(6)))
        codes = Counter(answer.status_code for answer in answers)
        assert set(codes) <= {200, 409}
        assert codes[200] >= 1
        sessions = {answer.json()["sessionId"] for answer in answers if answer.status_code == 200}
        assert len(sessions) == codes[200] == both[0].gateway.calls["createSession"]


async def test_what_each_of_two_servers_opens_both_know(postgres_url: str) -> None:
    async with pair(postgres_url) as both:
        opened = await asyncio.gather(*(both[n % 2].opened() for n in range(12)))
        paid = [(session_id, both[0].gateway.pay(tran_id)) for session_id, tran_id in opened]
        await asyncio.gather(*(both[n % 2].ipn(*one) for n, one in enumerate(paid)))
        for session_id, _ in opened:
            await until(both[1], session_id, "SUCCESS")
        assert both[0].sink.effects.total() == len(both[0].sink.calls) == 12
        assert both[0].gateway.given_back(opened[0][1]) == Decimal(0)
