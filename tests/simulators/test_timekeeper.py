"""What is owed runs when its instant comes: by itself on the machine's clock, one at a time when conducted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from simulators.activity import Activity
from simulators.clock import Clock, ClockError
from simulators.outbox import Due, DueKind, Outbox
from simulators.timekeeper import AT_ONCE_MAX, Timekeeper
from tests.simulators.stands import until

START = datetime(2031, 5, 1, tzinfo=UTC)


class Stage:
    """A timekeeper with things that note that they ran."""

    def __init__(self, start: datetime | None = START, *, rest_seconds: float = 0.01) -> None:
        self.activity, self.outbox, self.ran = Activity(), Outbox(), list[str]()
        self.clock = Clock(self.activity, virtual_from=start)
        self.keeper = Timekeeper(self.clock, self.activity, outbox=self.outbox, rest_seconds=rest_seconds)

    def owe(self, name: str, seconds: float = 0, *, work: Callable[[], Awaitable[None]] | None = None) -> None:
        async def note() -> None:
            self.ran.append(name)

        due = Due(self.clock.now() + timedelta(seconds=seconds), DueKind.SEND, name)
        self.outbox.add(due, work or note)


async def test_nothing_runs_before_its_instant() -> None:
    stage = Stage()
    stage.owe("later", 5)
    assert stage.keeper.run_next() is None
    stage.clock.set(START + timedelta(seconds=5))
    due = stage.keeper.run_next()
    assert (due and due.name, stage.activity.snapshot().running, stage.ran) == ("later", 1, [])
    await until(lambda: stage.activity.snapshot().is_calm)
    assert stage.ran == ["later"]


async def test_timers_come_first_at_one_instant() -> None:
    stage = Stage()
    stage.owe("send", 5)
    stage.activity.resume()
    nap = asyncio.create_task(stage.clock.sleep(5, purpose="nap"))
    await asyncio.sleep(0)
    assert [due.name for due in stage.keeper.list_due(10)] == ["nap", "send"]
    advanced = await stage.keeper.advance(START + timedelta(seconds=5, microseconds=-1))
    assert (advanced.ran, stage.clock.now()) == ((), START + timedelta(seconds=5, microseconds=-1))
    stage.clock.set(START + timedelta(seconds=5))
    first = stage.keeper.run_next()
    assert first == Due(START + timedelta(seconds=5), DueKind.TIMER, "nap")
    await nap


async def test_advancing_runs_everything_on_the_way_and_ends_at_the_target() -> None:
    stage = Stage()

    async def owes_again() -> None:
        stage.ran.append("b")
        stage.owe("c", 60)

    stage.owe("d", 7200)
    stage.owe("b", 3600, work=owes_again)
    stage.owe("a")
    advanced = await stage.keeper.advance(START + timedelta(hours=1, minutes=1))
    assert (stage.ran, [due.name for due in advanced.ran]) == (["a", "b", "c"], ["a", "b", "c"])
    assert (stage.clock.now(), advanced.because) == (START + timedelta(hours=1, minutes=1), None)


async def test_the_machines_clock_is_not_advanced_and_no_clock_goes_back() -> None:
    with pytest.raises(ClockError, match="set the clock"):
        await Stage(None).keeper.advance(START)
    with pytest.raises(ClockError, match="cannot go back"):
        await Stage().keeper.advance(START - timedelta(seconds=1))


async def test_a_thing_that_owes_itself_at_the_same_instant_is_stopped_and_named() -> None:
    stage = Stage()

    async def again() -> None:
        stage.owe("echo", work=again)

    stage.owe("echo", work=again)
    advanced = await stage.keeper.advance(START + timedelta(days=1))
    assert advanced.because is not None
    assert "echo owes itself again" in advanced.because
    assert stage.clock.now() == START


async def test_what_raises_is_told_once_and_stops_nothing() -> None:
    stage = Stage()

    async def fails() -> None:
        raise LookupError("no such order")

    stage.owe("broken", work=fails)
    stage.owe("fine")
    await stage.keeper.advance(START)
    assert stage.keeper.take_failures() == ["broken: LookupError: no such order"]
    assert (stage.keeper.take_failures(), stage.ran) == ([], ["fine"])


async def test_a_thing_that_was_let_off_never_runs() -> None:
    stage = Stage()
    owed = stage.outbox.add(Due(START, DueKind.JOB, "expire"), lambda: asyncio.sleep(0))
    stage.owe("other")
    stage.outbox.let_off(owed)
    assert [due.name for due in stage.outbox.list_due()] == ["other"]
    await stage.keeper.advance(START)
    assert stage.ran == ["other"]
    stage.owe("never", 5)
    stage.outbox.clear()
    assert stage.keeper.next_due() is None


async def test_the_machines_clock_runs_what_is_due_by_itself_and_not_all_at_once() -> None:
    stage, most, gate = Stage(None), 0, asyncio.Event()

    async def work() -> None:
        nonlocal most
        most = max(most, stage.activity.snapshot().running)
        await gate.wait()
        stage.ran.append("done")

    loop = asyncio.create_task(stage.keeper.keep_time())
    for _ in range(2 * AT_ONCE_MAX):
        stage.owe("send", work=work)
    await until(lambda: most == AT_ONCE_MAX)
    gate.set()
    await until(lambda: len(stage.ran) == 2 * AT_ONCE_MAX)
    assert most == AT_ONCE_MAX
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop


async def test_stopping_drops_what_is_under_way() -> None:
    stage = Stage()
    stage.owe("endless", work=asyncio.Event().wait)  # pyright: ignore[reportArgumentType]  # its True is nobody's
    stage.keeper.run_next()
    await asyncio.sleep(0)
    await stage.keeper.stop()
    assert stage.activity.snapshot().is_calm


async def test_what_never_comes_to_rest_is_told_and_not_waited_for() -> None:
    stage = Stage()
    gate = asyncio.Event()

    async def calls() -> None:
        with stage.activity.calling():
            await gate.wait()

    stage.owe("ipn", work=calls)
    advanced = await stage.keeper.advance(START + timedelta(minutes=2))
    assert advanced.because == "0 run and 1 calls are open after 0.01 s of real time"
    gate.set()
    await until(lambda: stage.activity.snapshot().is_calm)


async def test_a_call_that_waits_for_what_is_parked_here_does_not_hold_time_up() -> None:
    stage = Stage(rest_seconds=20)

    async def calls_and_is_called_back() -> None:
        with stage.activity.calling():
            stage.activity.request_taken()
            with stage.activity.working():
                await stage.clock.sleep(60, purpose="delayed answer")
            stage.activity.request_ended()
        stage.ran.append("answered")

    stage.owe("ipn", work=calls_and_is_called_back)
    advanced = await stage.keeper.advance(START + timedelta(minutes=2))
    assert (stage.ran, advanced.because) == (["answered"], None)
