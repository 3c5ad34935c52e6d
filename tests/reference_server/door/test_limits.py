"""Counting who asks how often: in no span of the rule's length more than it says."""

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


async def test_each_request_is_counted_and_the_first_leaves_a_minute_after_it() -> None:
    clock = a_clock()
    limiter = Limiter(clock)
    assert await left(limiter) == (2, 60)
    clock.set(START + timedelta(seconds=20, milliseconds=-1))
    assert [await left(limiter) for _ in range(4)] == [(1, 41), (0, 41), (-1, 41), (-1, 41)]


async def test_what_leaves_is_let_through_again_and_no_more() -> None:
    clock = a_clock()
    limiter = Limiter(clock)
    for seconds in (0, 10, 20):
        clock.set(START + timedelta(seconds=seconds))
        await left(limiter)
    clock.set(START + timedelta(seconds=60, milliseconds=-1))
    assert await left(limiter) == (-1, 1)
    clock.set(START + timedelta(seconds=60))
    assert [await left(limiter), await left(limiter)] == [(0, 10), (-1, 10)]


async def test_whoever_goes_on_asking_is_let_through_as_soon_as_whoever_waits() -> None:
    clock = a_clock()
    limiter = Limiter(clock)
    let_through: list[int] = []
    for second in range(121):
        clock.set(START + timedelta(seconds=second))
        let_through += [second] if (await left(limiter))[0] >= 0 else []
    assert let_through == [0, 1, 2, 60, 61, 62, 120]


async def test_who_is_counted_no_longer_makes_room_for_strangers() -> None:
    clock = a_clock()
    limiter = Limiter(clock, counted_max=2)
    for who in ("a", "b", "c"):
        await left(limiter, who)
    clock.set(START + timedelta(minutes=1))
    assert [await left(limiter, who) for who in ("d", "e", "f", "g")] == [(2, 60), (2, 60), (2, 60), (1, 60)]


async def test_merchants_and_addresses_do_not_share_a_counter() -> None:
    limiter = Limiter(a_clock())
    assert [await left(limiter, "a"), await left(limiter, "b"), await left(limiter, "a", "address")] == [(2, 60)] * 3


async def test_past_the_bound_strangers_share_a_counter() -> None:
    limiter = Limiter(a_clock(), counted_max=2)
    for who in ("a", "b", "c", "d"):
        await left(limiter, who)
    assert [await left(limiter, "e"), await left(limiter, "a")] == [(0, 60), (1, 60)]


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
