"""The conductor over two toy sides whose clocks and counters are the real ones."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from reference_server.activity import Activity
from reference_server.clock import Clock
from scenarios.conductor import Caps, Conductor, NotQuiet
from scenarios.sides import DueThing, SideHere

START = datetime(2031, 5, 1, tzinfo=UTC)


class ToyTimekeeper:
    """Owes named things; what a thing does is a function that may owe more."""

    def __init__(self) -> None:
        self.activity = Activity()
        self.clock = Clock(self.activity, virtual_from=START)
        self.owed: list[tuple[DueThing, Callable[[], None]]] = []
        self.done: list[tuple[str, datetime]] = []

    def owe(self, name: str, *, after_seconds: float, act: Callable[[], None] = lambda: None) -> None:
        due = self.clock.now() + timedelta(seconds=after_seconds)
        self.owed.append((DueThing(due, "job", name), act))
        self.owed.sort(key=lambda one: one[0].at)

    def next_due(self) -> DueThing | None:
        timer = self.clock.next_due()
        timers = [DueThing(timer.at, "timer", timer.purpose)] if timer else []
        return min([*timers, *(thing for thing, _ in self.owed[:1])], key=lambda thing: thing.at, default=None)

    def run_next(self) -> DueThing | None:
        thing = self.next_due()
        if thing is None or thing.at > self.clock.now():
            return None
        if thing.kind == "timer":
            self.clock.fire_next()
            return thing
        _, act = self.owed.pop(0)
        self.done.append((thing.name, self.clock.now()))
        act()
        return thing

    def take_failures(self) -> list[str]:
        return []


def a_conductor(*timekeepers: ToyTimekeeper, caps: Caps | None = None) -> Conductor:
    conductor = Conductor(START, caps=caps)
    conductor.sides = [SideHere(f"side {place}", one) for place, one in enumerate(timekeepers)]
    return conductor


async def test_things_of_both_sides_run_in_order_of_their_due_time() -> None:
    left, right = ToyTimekeeper(), ToyTimekeeper()
    left.owe("third", after_seconds=30)
    right.owe("second", after_seconds=20)
    left.owe("first", after_seconds=10)
    conductor = a_conductor(left, right)

    await conductor.advance(START + timedelta(seconds=60))

    assert [thing.name for thing in conductor.ran] == ["first", "second", "third"]
    assert left.done == [("first", START + timedelta(seconds=10)), ("third", START + timedelta(seconds=30))]
    assert left.clock.now() == right.clock.now() == START + timedelta(seconds=60)


async def test_nothing_beyond_the_end_of_an_advance_runs() -> None:
    side = ToyTimekeeper()
    side.owe("later", after_seconds=61)

    await a_conductor(side).advance(START + timedelta(seconds=60))

    assert side.done == []


async def test_a_thing_that_owes_itself_again_at_the_same_instant_is_stopped_and_named() -> None:
    side = ToyTimekeeper()

    def again() -> None:
        side.owe("restless", after_seconds=0, act=again)

    again()

    with pytest.raises(NotQuiet, match="job restless ran 101 times at 2031"):
        await a_conductor(side, caps=Caps(turns=100)).quiesce()


async def test_a_thing_that_owes_itself_again_a_moment_later_for_ever_is_stopped_and_named() -> None:
    side = ToyTimekeeper()

    def again() -> None:
        side.owe("restless", after_seconds=0.000001, act=again)

    again()

    with pytest.raises(NotQuiet, match="job restless ran 101 times in this run"):
        await a_conductor(side, caps=Caps(turns_in_all=100)).advance(START + timedelta(days=1))


async def test_the_advance_stops_where_it_is_told_to() -> None:
    side = ToyTimekeeper()
    for seconds in (10, 20, 30):
        side.owe(f"at {seconds}", after_seconds=seconds)
    conductor = a_conductor(side)

    async def two_done() -> bool:
        return len(side.done) == 2

    assert await conductor.advance(START + timedelta(hours=1), stop=two_done)
    assert conductor.now == START + timedelta(seconds=20)


async def test_it_halts_before_the_thing_that_it_is_told_to_leave() -> None:
    side = ToyTimekeeper()
    side.owe("fine", after_seconds=5)
    side.owe("fatal", after_seconds=5)
    conductor = a_conductor(side)
    conductor.halt_before = lambda thing: thing.name == "fatal"

    await conductor.advance(START + timedelta(hours=1))

    assert [name for name, _ in side.done] == ["fine"]
    assert conductor.now == START + timedelta(seconds=5)


async def test_a_call_that_waits_for_a_limit_ends_when_time_is_moved_there() -> None:
    side = ToyTimekeeper()
    conductor = a_conductor(side)

    async def answered_after_a_limit() -> datetime:
        side.activity.request_taken()
        with side.activity.working():
            try:
                async with side.clock.limit(5, purpose="patience"):
                    await side.clock.sleep(3600, purpose="silence")
            except TimeoutError:
                pass
            side.activity.request_ended()
            return side.clock.now()

    ended_at = await conductor.drive(answered_after_a_limit(), until=START + timedelta(hours=2))

    assert ended_at == START + timedelta(seconds=5)


async def test_a_call_that_nothing_can_end_is_reported() -> None:
    side = ToyTimekeeper()

    async def taken_for_ever() -> None:
        side.activity.request_taken()
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NotQuiet, match="waits for ever: 1 calls of the harness open"):
        await a_conductor(side).drive(taken_for_ever(), until=START + timedelta(days=1))


async def test_a_side_that_never_rests_is_named_when_the_cap_of_real_time_is_reached() -> None:
    side = ToyTimekeeper()
    side.activity.resume()

    with pytest.raises(NotQuiet, match="side 0: 1 running"):
        await a_conductor(side, caps=Caps(real_seconds=0)).quiesce()


async def test_an_open_call_without_its_request_is_not_quiet() -> None:
    side = ToyTimekeeper()

    with (
        side.activity.working(),
        side.activity.calling(),
        pytest.raises(NotQuiet, match="1 calls open, 0 requests open"),
    ):
        await a_conductor(side, caps=Caps(real_seconds=0)).quiesce()
