"""Limits shared by processes through a real Redis, and kept by each alone while it is away."""

from datetime import UTC, datetime
from pathlib import Path

from limits import parse

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.door.limits import Limiter
from tests.services.redis_server import redis_server

RULE = parse("3/minute")


def a_limiter(address: str) -> Limiter:
    return Limiter(Clock(Activity(), virtual_from=datetime(2030, 1, 1, tzinfo=UTC)), redis_address=address)


async def left(limiter: Limiter) -> int:
    quota = await limiter.count(RULE, "merchant", who="mer_1")
    assert quota is not None
    return quota.left


async def test_two_processes_count_together_and_what_they_count_goes_away(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        one, other = a_limiter(redis.url), a_limiter(redis.url)
        assert [await left(one), await left(other), await left(one), await left(other)] == [2, 1, 0, -1]
        with redis.client() as client:
            lives = [client.ttl(key) for key in client.keys("*")]
        assert len(lives) == 1
        assert 0 < lives[0] <= 60
        await one.close()
        await other.close()


async def test_when_redis_dies_each_process_counts_alone(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        one, other = a_limiter(redis.url), a_limiter(redis.url)
        assert [await left(one), await left(other)] == [2, 1]
        redis.stop()
        assert [await left(one), await left(one), await left(other)] == [2, 1, 2]
        await one.close()
        await other.close()
