"""Two hundred payments, refunds and webhooks while processes are killed: nothing is lost or doubled, the sums agree."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.counts import large
from tests.process.programs import free_ports
from tests.services.fleet import Fleet, fleet_of
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import RedisServer
from tests.services.shop import PARTS, PRICE, Shop, open_shop

Strike = Callable[[], Awaitable[None]]
PAYMENTS = 200
KILLS_EACH = 10
# An answer and a webhook for each payment, and for each part that is given back: nine in ten succeed.
OBSERVED = int(PAYMENTS * (2 + 2 * 0.9 * len(PARTS)))


class Storm:
    """Strikes again and again as the work goes on, at points spread over it; `shift` moves all of them."""

    def __init__(self, strikes: Sequence[Strike], *, shift: int = 0) -> None:
        self._strikes = strikes
        self._points = [(n * OBSERVED // (len(strikes) + 1)) + shift % 7 for n in range(1, len(strikes) + 1)]
        self._seen = 0
        self._reached = asyncio.Event()
        self.strikes = 0

    def observe(self) -> None:
        """Count one thing that came of the work."""
        self._seen += 1
        self._reached.set()

    async def blow(self, after: Strike) -> None:
        """Strike at every point, and do after each strike what there is to do."""
        for strike, point in zip(self._strikes, self._points, strict=True):
            while self._seen < point:
                self._reached.clear()
                await self._reached.wait()
            await strike()
            await after()
            self.strikes += 1


async def weathered(fleet: Fleet, storm: Storm) -> int:
    async with open_shop(fleet, storm.observe) as shop:
        async with asyncio.TaskGroup() as group:
            group.create_task(storm.blow(shop.doubt))
            for number in range(PAYMENTS):
                group.create_task(shop.buy(number))
            await shop.until_all_is_heard(PAYMENTS)
        await require_that_books_agree(shop)
    return storm.strikes


async def listed(shop: Shop, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    total = 1
    while len(found) < total:
        async with shop.session.get(f"{shop.fleet.urls[0]}{path}?limit=100&offset={len(found)}") as answer:
            page = await answer.json()
        found, total = found + page["items"], page["total"]
    return found


async def require_that_books_agree(shop: Shop) -> None:
    payments, refunds = await listed(shop, "/api/v1/payments"), await listed(shop, "/api/v1/refunds")
    assert {payment["id"] for payment in payments} == set(shop.payments.values())
    assert {refund["id"] for refund in refunds} == set(shop.refunds.values())
    assert shop.altered == []
    ended = shop.events("payment.")
    for payment in payments:
        succeeded = payment["status"] == "success"
        assert len(ended[payment["id"]]) == 1
        assert shop.heard[ended[payment["id"]][0]]["status"] == payment["status"] != "pending"
        assert payment["amount_captured"] == (PRICE if succeeded else 0)
        assert payment["amount_refunded"] == (sum(PARTS) if succeeded else 0)
    assert [len(ids) for ids in shop.events("refund.").values()] == [1] * len(refunds)
    assert {refund["status"] for refund in refunds} <= {"processed"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("nth", range(max(1, large(100) // KILLS_EACH)))
async def test_servers_and_workers_killed_under_load_on_postgresql_lose_and_double_nothing(
    tmp_path: Path, postgres_url: str, nth: int
) -> None:
    async with fleet_of(postgres_url, tmp_path, ports=free_ports(2), workers=2) as fleet:
        kills = [fleet.members[(n + nth) % 4].die_and_come_again for n in range(KILLS_EACH)]
        assert await weathered(fleet, Storm(kills, shift=nth)) == KILLS_EACH


@pytest.mark.timeout(600)
@pytest.mark.parametrize("nth", range(max(1, large(30) // KILLS_EACH)))
async def test_a_server_killed_under_load_on_sqlite_loses_and_doubles_nothing(tmp_path: Path, nth: int) -> None:
    url = f"sqlite:///{tmp_path / 'served.db'}"
    async with fleet_of(url, tmp_path, ports=free_ports(1)) as fleet:
        kills = [fleet.servers[0].die_and_come_again] * min(KILLS_EACH, large(30))
        assert await weathered(fleet, Storm(kills, shift=nth)) == len(kills)


@pytest.mark.timeout(600)
async def test_redis_and_postgresql_may_go_and_come_again_in_the_middle_of_load(
    tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    redis = RedisServer(tmp_path)
    redis.start()

    async def turn_redis() -> None:
        await asyncio.to_thread(redis.be, not redis.is_up)

    async def restart_postgres() -> None:
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)

    try:
        async with fleet_of(postgres_url, tmp_path, ports=free_ports(2), workers=1, REDIS_URL=redis.url) as fleet:
            strikes = [turn_redis, restart_postgres, turn_redis, restart_postgres]
            assert await weathered(fleet, Storm(strikes)) == len(strikes)
    finally:
        redis.stop()


async def test_one_key_at_once_on_four_processes_is_one_payment(tmp_path: Path, postgres_url: str) -> None:
    async with (
        fleet_of(postgres_url, tmp_path, ports=free_ports(4), workers=1) as fleet,
        open_shop(fleet, lambda: None) as shop,
    ):
        body = {"order_id": "ONCE", "amount": PRICE, "method": "upi", "vpa": "rahul@okbank"}
        asked = [shop.insist("/api/v1/payments", body, key="once") for _ in range(large(1000))]
        told = await asyncio.gather(*asked)
        assert len({payment["id"] for payment in told}) == 1
        assert [payment["id"] for payment in await listed(shop, "/api/v1/payments")] == [told[0]["id"]]
