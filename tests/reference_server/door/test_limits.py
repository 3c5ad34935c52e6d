"""Counting who asks how often, in windows of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from limits import parse

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.door.limits import Limiter, headers_of, require_left, rule_of
from reference_server.door.visit import Quota, Visit
from reference_server.errors import RateLimitedError

START = datetime(2030, 1, 1, 12, 0, 10, tzinfo=UTC)
RULE = parse("3/minute")


def a_clock() -> Clock:
    return Clock(Activity(), virtual_from=START)


async def left(limiter: Limiter, who: str = "a", kind: str = "merchant") -> tuple[int, int]:
    quota = await limiter.count(RULE, kind, who=who)
    assert quota is not None
    return quota.left, quota.reset_seconds


async def test_each_request_is_counted_and_the_window_ends_on_the_minute() -> None:
    limiter = Limiter(a_clock())
    assert [await left(limiter) for _ in range(5)] == [(2, 50), (1, 50), (0, 50), (-1, 50), (-2, 50)]


async def test_the_next_window_begins_with_none() -> None:
    clock = a_clock()
    limiter = Limiter(clock)
    for _ in range(4):
        await left(limiter)
    clock.set(START + timedelta(seconds=50, milliseconds=-1))
    assert await left(limiter) == (-2, 1)
    clock.set(START + timedelta(seconds=50))
    assert await left(limiter) == (2, 60)


async def test_merchants_and_addresses_do_not_share_a_counter() -> None:
    limiter = Limiter(a_clock())
    assert [await left(limiter, "a"), await left(limiter, "b"), await left(limiter, "a", "address")] == [(2, 50)] * 3


async def test_past_the_bound_strangers_share_a_counter() -> None:
    limiter = Limiter(a_clock(), counted_max=2)
    for who in ("a", "b", "c", "d"):
        await left(limiter, who)
    assert [await left(limiter, "e"), await left(limiter, "a")] == [(0, 50), (1, 50)]


async def test_without_a_rule_nothing_is_counted() -> None:
    assert await Limiter(a_clock()).count(rule_of("off"), "merchant", who="a") is None
    require_left(None)


def test_one_too_many_is_refused_with_the_time_to_ask_again() -> None:
    require_left(Quota(3, 60, 0, 17))
    with pytest.raises(RateLimitedError) as refused:
        require_left(Quota(3, 60, -1, 17))
    assert refused.value.retry_after_seconds == 17


def test_headers_tell_the_quota_and_never_less_than_none() -> None:
    told = dict(headers_of(Quota(3, 60, -5, 17)))
    assert told == {
        b"ratelimit-limit": b"3",
        b"ratelimit-remaining": b"0",
        b"ratelimit-reset": b"17",
        b"ratelimit-policy": b"3;w=60",
    }


def test_a_visit_tells_of_the_tighter_quota() -> None:
    visit = Visit("req_1", "", is_encrypted=False)
    for quota in (Quota(9, 60, 5, 1), Quota(9, 60, 2, 1), None, Quota(9, 60, 7, 1)):
        visit.count(quota)
    assert visit.quota == Quota(9, 60, 2, 1)
