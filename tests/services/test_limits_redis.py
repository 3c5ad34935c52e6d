"""Limits shared by processes through a real Redis, and kept by each alone while it is away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from limits import parse

from reference_server.activity import Activity
from reference_server.chance import Chance
from reference_server.clock import Clock
from reference_server.door.limits import Limiter
from tests.counts import large
from tests.services.redis_server import redis_server

RULE = parse("3/minute")


START = datetime(2030, 1, 1, tzinfo=UTC)


def a_clock() -> Clock:
    return Clock(Activity(), virtual_from=START)


def a_limiter(address: str) -> Limiter:
    return Limiter(a_clock(), redis_address=address)


async def left(limiter: Limiter) -> int:
    quota = await limiter.count(RULE, "merchant", who="mer_1")
    assert quota is not None
    return quota.left


async def test_two_processes_count_together_and_what_they_count_goes_away(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        one, other = a_limiter(redis.url), a_limiter(redis.url)
        assert [await left(one), await left(other), await left(one), await left(other)] == [2, 1, 0, -1]
        with redis.client() as client:
            lives = [client.pttl(key) for key in client.keys("*")]
        assert len(lives) == 1
        assert 0 < lives[0] <= 60_000
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


async def test_redis_counts_as_a_process_alone_does_whatever_the_instants(tmp_path: Path) -> None:
    draws, gaps = Chance(4), [0, 1, 999_999, 1_000_000, 20_000_000, 59_999_999, 60_000_000]
    with redis_server(tmp_path) as redis:
        clock = a_clock()
        shared, alone = Limiter(clock, redis_address=redis.url), Limiter(clock)
        for _ in range(large(2_000)):
            gap = gaps[draws.integer("", "gap", below=len(gaps))]
            clock.set(clock.now() + timedelta(microseconds=gap))
            quotas = [await one.count(RULE, "merchant", who="mer_1") for one in (shared, alone)]
            assert quotas[0] == quotas[1]
        await shared.close()


async def test_one_request_asks_redis_once(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        limiter = a_limiter(redis.url)
        for _ in range(10):
            await left(limiter)
        with redis.client() as client:
            asked = client.info("commandstats")
        # The first found no script there, and sent it.
        assert asked["cmdstat_evalsha"]["calls"] == 1 + 10
        # What the script itself does, and what opens a connection; nothing else was asked.
        own = {"cmdstat_evalsha", "cmdstat_script", "cmdstat_get", "cmdstat_set"}
        assert set(asked) - own <= {"cmdstat_hello", "cmdstat_client", "cmdstat_ping"}
        await limiter.close()


async def test_a_process_whose_clock_is_behind_is_counted_at_the_others_instant(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        ahead, behind = a_clock(), a_clock()
        ahead.set(START + timedelta(seconds=5))
        one, other = Limiter(ahead, redis_address=redis.url), Limiter(behind, redis_address=redis.url)
        assert [await left(one), await left(other), await left(other), await left(one)] == [2, 1, 0, -1]
        behind.set(START + timedelta(seconds=64))
        assert await left(other) == -1
        behind.set(START + timedelta(seconds=65))
        assert await left(other) == 2
        await one.close()
        await other.close()
