"""How the conductor reaches the time of one side: directly in this process, or over its control plane."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scenarios.control import Control


@dataclass(frozen=True, slots=True)
class DueThing:
    """Something one side owes: `at` on the product clock, `kind` timer, job or send, `name` as in the control plane."""

    at: datetime
    kind: str
    name: str
    subject: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" of {self.subject}" if self.subject else "")


@dataclass(frozen=True, slots=True)
class Stir:
    """What one side is doing: running activities, and totals that only grow."""

    running: int
    calls_made: int
    calls_ended: int
    requests_taken: int
    requests_ended: int


class Side(Protocol):
    """One side whose clock the conductor moves."""

    name: str

    async def set_clock(self, instant: datetime) -> None:
        """Set the clock and run nothing."""
        ...

    async def stir(self) -> Stir:
        """Read the activity counters."""
        ...

    async def next_due(self) -> DueThing | None:
        """Return what is due first."""
        ...

    async def run_next(self) -> DueThing | None:
        """Start what is due first if its time has come, without waiting for its end."""
        ...

    async def take_failures(self) -> list[str]:
        """Return what raised since the last time."""
        ...


class _Due(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> object: ...
    @property
    def name(self) -> str: ...
    @property
    def subject(self) -> str | None: ...


class _Snapshot(Protocol):
    @property
    def running(self) -> int: ...
    @property
    def calls_made(self) -> int: ...
    @property
    def calls_ended(self) -> int: ...
    @property
    def requests_taken(self) -> int: ...
    @property
    def requests_ended(self) -> int: ...


class _Clock(Protocol):
    def set(self, instant: datetime) -> None: ...


class _Activity(Protocol):
    def snapshot(self) -> _Snapshot: ...


class Timekeeper(Protocol):
    """What either side's app hands out for driving its time in process."""

    @property
    def clock(self) -> _Clock: ...
    @property
    def activity(self) -> _Activity: ...
    def next_due(self) -> _Due | None: ...
    def run_next(self) -> _Due | None: ...
    def take_failures(self) -> list[str]: ...


class SideHere:
    """A side that runs in this process: its timekeeper is asked directly, which costs microseconds."""

    def __init__(self, name: str, timekeeper: Timekeeper) -> None:
        self.name = name
        self._timekeeper = timekeeper

    async def set_clock(self, instant: datetime) -> None:
        self._timekeeper.clock.set(instant)

    async def stir(self) -> Stir:
        seen = self._timekeeper.activity.snapshot()
        return Stir(seen.running, seen.calls_made, seen.calls_ended, seen.requests_taken, seen.requests_ended)

    async def next_due(self) -> DueThing | None:
        return _thing(self._timekeeper.next_due())

    async def run_next(self) -> DueThing | None:
        return _thing(self._timekeeper.run_next())

    async def take_failures(self) -> list[str]:
        return self._timekeeper.take_failures()


class SideElsewhere:
    """A side that runs in a process of its own and is asked over `/_control`.

    One reading tells what it does and what is due; the conductor asks what is due only of a side at rest, of which the
    last reading still holds.
    """

    def __init__(self, name: str, control: Control) -> None:
        self.name = name
        self._control = control
        self._failures: list[str] = []
        self._due: DueThing | None = None

    async def set_clock(self, instant: datetime) -> None:
        await self._control.put("/_control/clock", {"now": instant.isoformat()})

    async def stir(self) -> Stir:
        answer = await self._control.get("/_control/clock")
        self._due = _read_thing(answer["due"])
        return _stir(answer["activity"])

    async def next_due(self) -> DueThing | None:
        return self._due

    async def run_next(self) -> DueThing | None:
        answer = await self._control.post("/_control/clock/run", None)
        self._failures.extend(answer["failed"])
        return _read_thing(answer["ran"])

    async def take_failures(self) -> list[str]:
        taken, self._failures = self._failures, []
        return taken


def _thing(due: _Due | None) -> DueThing | None:
    if due is None:
        return None
    kind = getattr(due.kind, "value", due.kind)
    return DueThing(due.at, str(kind), due.name, due.subject)


def _read_thing(found: Mapping[str, str] | None) -> DueThing | None:
    if found is None:
        return None
    return DueThing(datetime.fromisoformat(found["at"]), found["kind"], found["name"], found.get("subject"))


def _stir(counters: Mapping[str, int]) -> Stir:
    return Stir(
        counters["running"],
        counters["calls_made"],
        counters["calls_ended"],
        counters["requests_taken"],
        counters["requests_ended"],
    )
