"""The server's time on both clocks, and what it tells whoever counts activities."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from reference_server.activity import Activity
from reference_server.clock import SWEEP_EVERY, Clock, ClockError, ClockMode, machine_ordinal
from tests.counting import CountingLoop

AT = datetime(2030, 1, 1, tzinfo=UTC)


def virtual() -> tuple[Clock, Activity]:
    activity = Activity()
    return Clock(activity, virtual_from=AT), activity


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def nap(clock: Clock, activity: Activity, seconds: float) -> None:
    with activity.working():
        await clock.sleep(seconds, purpose="a delay")


def test_a_virtual_clock_stands_until_it_is_set_and_never_goes_back() -> None:
    clock, _ = virtual()
    assert (clock.now(), clock.mode) == (AT, ClockMode.VIRTUAL)
    clock.set(AT + timedelta(hours=1))
    assert clock.now() == AT + timedelta(hours=1)
    with pytest.raises(ClockError, match="cannot go back"):
        clock.set(AT)


def test_an_instant_of_another_zone_is_kept_in_utc() -> None:
    clock, _ = virtual()
    clock.set(datetime.fromisoformat("2030-01-01T12:00:00+06:00"))
    assert clock.now() == AT + timedelta(hours=6)
    assert clock.now().tzinfo is UTC


def test_the_system_clock_is_the_machines_and_can_be_frozen_and_released() -> None:
    clock = Clock(Activity())
    assert clock.wall() <= clock.now() <= clock.wall()
    clock.set(clock.now())
    stood = clock.now()
    assert (clock.mode, clock.now()) == (ClockMode.VIRTUAL, stood)
    clock.release()
    assert clock.mode is ClockMode.SYSTEM


async def test_a_sleeper_is_parked_until_its_timer_is_fired() -> None:
    clock, activity = virtual()

    sleeper = asyncio.create_task(nap(clock, activity, 60))
    await turns()
    assert activity.snapshot().running == 0
    assert clock.fire_next() is None
    clock.set(AT + timedelta(seconds=60))
    fired = clock.fire_next()
    assert fired is not None
    assert (fired.purpose, fired.at) == ("a delay", clock.now())
    assert activity.snapshot().running == 1
    await sleeper
    assert activity.snapshot().running == 0


async def test_a_sleeper_that_is_cancelled_leaves_no_timer_and_no_count() -> None:
    clock, activity = virtual()

    sleeper = asyncio.create_task(nap(clock, activity, 60))
    await turns()
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    assert (clock.next_due(), activity.snapshot().running) == (None, 0)


async def test_a_limit_cuts_off_what_takes_longer() -> None:
    clock, activity = virtual()

    async def hang() -> None:
        with activity.calling():
            await asyncio.Event().wait()

    async def call() -> str:
        try:
            with activity.working():
                async with clock.limit(5, purpose="limit of x"):
                    await hang()
        except TimeoutError:
            return "timed out"
        return "answered"

    calling = asyncio.create_task(call())
    await turns()
    assert activity.snapshot().running == 0
    clock.set(AT + timedelta(seconds=5))
    clock.fire_next()
    assert activity.snapshot().running == 1
    assert await calling == "timed out"
    seen = activity.snapshot()
    assert (seen.running, seen.calls_made, seen.calls_ended) == (0, 1, 1)


async def test_a_limit_that_is_kept_leaves_nothing_due() -> None:
    clock, _ = virtual()
    for _ in range(SWEEP_EVERY + 1):
        async with clock.limit(5, purpose="limit of x"):
            pass
    assert (clock.next_due(), clock.list_due(9)) == (None, [])


async def test_timers_are_fired_by_due_time_and_then_in_the_order_of_arming() -> None:
    clock, activity = virtual()
    woken: list[str] = []

    async def sleep(name: str, seconds: float) -> None:
        with activity.working():
            await clock.sleep(seconds, purpose=name)
            woken.append(name)

    sleepers = [asyncio.create_task(sleep(name, seconds)) for name, seconds in (("c", 2), ("a", 1), ("b", 1))]
    await turns()
    assert [timer.purpose for timer in clock.list_due(9)] == ["a", "b", "c"]
    clock.set(AT + timedelta(seconds=2))
    while clock.fire_next() is not None:
        await turns()
    await asyncio.gather(*sleepers)
    assert woken == ["a", "b", "c"]


async def test_timers_run_by_themselves_on_the_system_clock_and_after_a_release() -> None:
    activity = Activity()
    clock = Clock(activity)

    await nap(clock, activity, 0.001)
    clock.set(clock.now())
    sleeper = asyncio.create_task(nap(clock, activity, 0.001))
    await turns()
    assert not sleeper.done()
    clock.release()
    await sleeper


async def test_freezing_stops_timers_that_were_running() -> None:
    activity = Activity()
    clock = Clock(activity)

    sleeper = asyncio.create_task(nap(clock, activity, 3600))
    await turns()
    clock.set(clock.now() + timedelta(hours=2))
    assert not sleeper.done()
    assert clock.fire_next() is not None
    await sleeper


async def _let_one_go_and_release() -> None:
    clock, activity = virtual()

    gone, stays = asyncio.create_task(nap(clock, activity, 60)), asyncio.create_task(nap(clock, activity, 60))
    await turns()
    gone.cancel()
    await turns()
    clock.release()
    clock.set(AT + timedelta(seconds=60))
    clock.fire_next()
    await stays


def test_a_timer_that_is_gone_is_not_armed_again() -> None:
    loop = CountingLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(_let_one_go_and_release())
    assert loop.armed == 1


async def test_a_resting_loop_wakes_for_its_event_and_for_what_is_due() -> None:
    clock, wake = Clock(Activity()), asyncio.Event()
    wake.set()
    await clock.idle(None, wake=wake)
    assert not wake.is_set()
    await clock.idle(clock.now() - timedelta(seconds=1), wake=wake)


def test_ordinals_of_the_machine_grow() -> None:
    first = machine_ordinal()
    assert any(machine_ordinal() > first for _ in range(100_000))
