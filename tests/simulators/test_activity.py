"""The counters that tell a conductor when an account is at rest."""

import asyncio

import pytest

from simulators.activity import Activity, Snapshot, Taken


def test_a_call_stands_still_until_it_is_answered() -> None:
    activity = Activity()
    with activity.working():
        assert activity.snapshot().running == 1
        with activity.calling():
            assert activity.snapshot() == Snapshot(0, 1, 0, 0, 0)
            assert not activity.snapshot().is_calm
        assert activity.snapshot() == Snapshot(1, 1, 1, 0, 0)
    assert activity.snapshot().is_calm


async def test_parts_side_by_side_count_each_until_the_last_has_ended() -> None:
    activity, seen = Activity(), list[int]()

    async def part(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        seen.append(activity.snapshot().running)

    with activity.working():
        await activity.together([part(1), part(3), part(2)])
        assert activity.snapshot().running == 1
    assert seen == [3, 2, 1]


async def test_a_part_that_raises_is_raised_after_the_others() -> None:
    activity, ended = Activity(), list[str]()

    async def fails() -> None:
        raise LookupError("first")

    async def works() -> None:
        await asyncio.sleep(0)
        ended.append("second")

    with activity.working():
        with pytest.raises(LookupError):
            await activity.together([fails(), works()])
        await activity.together([])
        assert activity.snapshot().running == 1
    assert ended == ["second"]


def test_a_request_of_nobody_counts_for_everybody_until_it_is_claimed() -> None:
    unclaimed = Activity()
    mine, yours = Activity(beside=unclaimed), Activity(beside=unclaimed)
    taken = Taken(unclaimed)
    assert mine.snapshot() == yours.snapshot() == Snapshot(1, 0, 0, 1, 0)
    taken.move(mine)
    assert yours.snapshot() == Snapshot(0, 0, 0, 1, 1)
    assert mine.snapshot() == Snapshot(1, 0, 0, 2, 1)
    taken.end()
    assert mine.snapshot() == Snapshot(0, 0, 0, 2, 2)


@pytest.mark.parametrize("hang_ups_before_the_claim", [0, 1])
def test_a_request_ends_once_although_its_peer_hung_up(hang_ups_before_the_claim: int) -> None:
    unclaimed, mine = Activity(), Activity()
    taken = Taken(unclaimed)
    for _ in range(hang_ups_before_the_claim):
        taken.peer_gone()
    taken.move(mine)
    taken.peer_gone()
    taken.end()
    assert (mine.snapshot(), unclaimed.snapshot()) == (Snapshot(0, 0, 0, 1, 1), Snapshot(0, 0, 0, 1, 1))


def test_a_call_and_a_parked_request_balance_each_other() -> None:
    assert Snapshot(0, 1, 0, 1, 0).is_balanced
    assert not Snapshot(0, 1, 0, 1, 1).is_balanced
    assert not Snapshot(1, 1, 0, 1, 0).is_balanced
