"""Counting tries and sockets by address."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.tracking.bounds import ADDRESSES_MAX, ByAddress, PerMinute

START = datetime(2030, 1, 1, tzinfo=UTC)


@given(st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=60), st.integers(1, 10))
def test_no_address_gets_more_than_its_share_twice_over_in_any_minute(gaps: list[float], most: int) -> None:
    bound, let_in = PerMinute(most), [START]
    let_in.clear()
    now = START
    for gap in gaps:
        now += timedelta(seconds=gap / 10)
        if not bound.is_over("a", now):
            bound.count("a", now)
            let_in.append(now)

    for end in let_in:
        assert sum(end - timedelta(minutes=1) < at <= end for at in let_in) <= 2 * most


def test_one_address_does_not_use_up_another_ones_share() -> None:
    bound = PerMinute(1)
    bound.count("a", START)

    assert (bound.is_over("a", START), bound.is_over("b", START)) == (True, False)


def test_a_share_comes_back_after_a_minute_and_when_the_machines_clock_goes_back() -> None:
    for later in (timedelta(minutes=1), timedelta(seconds=-1)):
        bound = PerMinute(1)
        bound.count("a", START)

        assert not bound.is_over("a", START + later)


def test_the_address_not_seen_for_longest_is_forgotten_first() -> None:
    bound = PerMinute(1)
    for number in range(ADDRESSES_MAX):
        bound.count(str(number), START)
    bound.count("0", START)
    bound.count("new", START)

    assert (bound.is_over("0", START), bound.is_over("1", START)) == (True, False)


def test_what_is_open_is_counted_by_address_and_nobody_is_kept_who_has_nothing_open() -> None:
    arriving = iter(["a", "b", "a"])
    sockets: ByAddress[str] = ByAddress(lambda: next(arriving))
    for number in range(3):
        sockets[f"{number}"] = "socket"
    # Put in again it is the same one, whoever arrives.
    sockets["0"] = "another"
    assert [sockets.count_of(address) for address in ("a", "b", "c")] == [2, 1, 0]
    for key in ("0", "2", "1"):
        del sockets[key]
    assert [sockets.count_of(address) for address in ("a", "b", "c")] == [0, 0, 0]
    assert not sockets
    with pytest.raises(KeyError):
        del sockets["0"]
