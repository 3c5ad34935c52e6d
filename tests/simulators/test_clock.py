"""The simulators' clock: timers of an account's time, on the machine's clock and on a virtual one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.activity import Activity
from simulators.clock import Clock, ClockError, ClockMode, machine_ordinal, wait_real
from tests.counting import CountingLoop

START = datetime(2031, 5, 1, tzinfo=UTC)


def a_clock() -> Clock:
    activity = Activity()
    activity.resume()
    return Clock(activity, virtual_from=START)


async def start_sleep(clock: Clock, seconds: float, *, woken: list[float]) -> asyncio.Task[None]:
    async def sleep() -> None:
        await clock.sleep(seconds, purpose=f"nap of {seconds}")
        woken.append(seconds)

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0)
    return task


async def test_a_virtual_clock_stands_until_it_is_set() -> None:
    clock = a_clock()
    assert (clock.mode, clock.now()) == (ClockMode.VIRTUAL, START)
    clock.set(START + timedelta(days=3))
    assert clock.now() == START + timedelta(days=3)


async def test_a_virtual_clock_never_goes_back() -> None:
    clock = a_clock()
    with pytest.raises(ClockError, match="cannot go back"):
        clock.set(START - timedelta(microseconds=1))
    clock.set(START)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
@settings(max_examples=60)
async def test_timers_fire_in_order_of_due_time_and_of_arming(naps: list[int]) -> None:
    clock, woken = a_clock(), list[float]()
    tasks = [await start_sleep(clock, seconds, woken=woken) for seconds in naps]
    assert [timer.at for timer in clock.list_due()] == [START + timedelta(seconds=nap) for nap in sorted(naps)]
    while due := clock.next_due():
        clock.set(due.at)
        assert clock.fire_next() == due
        await asyncio.gather(*(task for task in tasks if task.done()))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert woken == sorted(naps)


async def test_nothing_fires_before_its_instant() -> None:
    clock, woken = a_clock(), list[float]()
    task = await start_sleep(clock, 10, woken=woken)
    clock.set(START + timedelta(seconds=9.999))
    assert clock.fire_next() is None
    clock.set(START + timedelta(seconds=10))
    assert clock.fire_next() is not None
    await task


async def test_a_limit_cuts_the_block_off_at_its_instant() -> None:
    clock = a_clock()

    async def wait() -> None:
        async with clock.limit(5, purpose="limit of a call"):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    clock.set(START + timedelta(seconds=5))
    clock.fire_next()
    with pytest.raises(TimeoutError):
        await task


async def test_a_limit_that_was_kept_leaves_no_timer() -> None:
    clock = a_clock()
    for _ in range(600):
        async with clock.limit(5, purpose="limit of a call"):
            pass
    assert clock.next_due() is None
    assert clock.list_due() == []


async def test_a_sleeper_that_is_cancelled_leaves_no_timer_and_counts_as_running() -> None:
    activity = Activity()
    clock = Clock(activity, virtual_from=START)
    activity.resume()
    task = await start_sleep(clock, 5, woken=[])
    assert activity.snapshot().running == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert activity.snapshot().running == 1
    assert clock.next_due() is None


async def test_released_timers_run_on_the_machines_time() -> None:
    clock, woken = a_clock(), list[float]()
    task = await start_sleep(clock, 1, woken=woken)
    clock.release()
    assert clock.mode is ClockMode.SYSTEM
    # The nap is due in the year 2031: long after the machine's now, so only standing still again can end it soon.
    clock.set(START + timedelta(seconds=1))
    clock.fire_next()
    await task
    assert woken == [1]


async def _let_one_go_and_release() -> None:
    clock = a_clock()
    gone = await start_sleep(clock, 1, woken=[])
    stays = await start_sleep(clock, 2, woken=[])
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    clock.release()
    clock.fire_all()
    await stays


def test_a_timer_that_is_gone_is_not_armed_again() -> None:
    loop = CountingLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(_let_one_go_and_release())
    assert loop.armed == 1


async def test_timers_of_the_machines_clock_fire_by_themselves() -> None:
    activity = Activity()
    activity.resume()
    clock, woken = Clock(activity), list[float]()
    await (await start_sleep(clock, 0.001, woken=woken))
    with pytest.raises(TimeoutError):
        async with clock.limit(0.001, purpose="limit"):
            await asyncio.Event().wait()
    assert (woken, activity.snapshot().running) == ([0.001], 1)


async def test_putting_a_clock_away_wakes_every_sleeper() -> None:
    clock, woken = a_clock(), list[float]()
    tasks = [await start_sleep(clock, seconds, woken=woken) for seconds in (60, 5, 3600)]
    clock.fire_all()
    await asyncio.gather(*tasks)
    assert woken == [5, 60, 3600]


async def test_a_real_limit_is_kept_although_the_clock_stands() -> None:
    clock = a_clock()
    with pytest.raises(TimeoutError):
        async with clock.real_limit(0.001):
            await asyncio.Event().wait()
    assert clock.now() == START


async def test_rest_ends_when_it_is_woken_or_the_instant_has_come() -> None:
    clock, wake = Clock(Activity()), asyncio.Event()
    wake.set()
    await clock.idle(None, wake=wake)
    assert not wake.is_set()
    await clock.idle(clock.now(), wake=wake)


async def test_a_wait_for_news_says_whether_it_came() -> None:
    event = asyncio.Event()
    assert not await wait_real(event, seconds=0.001)
    event.set()
    assert await wait_real(event, seconds=5)


def test_ordinals_of_the_machine_grow() -> None:
    first = machine_ordinal()
    assert any(machine_ordinal() > first for _ in range(100_000))
