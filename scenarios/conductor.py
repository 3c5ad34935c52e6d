"""Moves the clocks of all sides in step: runs what is due one thing at a time, waits until all is quiet, then moves on.

*Quiet* means that no activity runs anywhere and that every call which somebody has open stands at a peer as an open
request (parked on the clock). The counters are read twice: totals that did not grow between two readings prove that
nothing moved in between (Mattern's four-counter method). Real time is only a cap here: nothing waits for it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from scenarios.sides import DueThing, Side, Stir

# A story has some ten things at one instant, a burst fifty: ten thousand turns are a thing that owes itself again.
TURNS_AT_ONE_INSTANT_MAX = 10_000
# A week of a story takes some dozens; this is a thing that owes itself again a moment later, each time.
TURNS_IN_ALL_MAX = 200_000
# Real seconds without quiet before the conductor says why: a slow machine needs well under one.
REAL_SECONDS_MAX = 30.0


T = TypeVar("T")


class NotQuiet(Exception):
    """The sides do not come to rest; the text says because of what."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How long the conductor lets things go on: turns at one instant and in all, real seconds without quiet."""

    turns: int = TURNS_AT_ONE_INSTANT_MAX
    turns_in_all: int = TURNS_IN_ALL_MAX
    real_seconds: float = REAL_SECONDS_MAX


class OwnCalls:
    """The harness's own open calls (as shopper, as merchant): a party of the closed world like the sides."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = 0

    @contextmanager
    def calling(self) -> Generator[None]:
        """Count one call."""
        self.made += 1
        try:
            yield
        finally:
            self.ended += 1


class Conductor:
    """Owns the virtual time of a run."""

    def __init__(self, start: datetime, *, caps: Caps | None = None) -> None:
        self.now = start
        self.sides: list[Side] = []
        self.own_calls = OwnCalls()
        self.ran: list[DueThing] = []
        self.failures: list[str] = []
        self.halt_before: Callable[[DueThing], bool] = lambda _: False
        self._caps = caps or Caps()
        self._here: Counter[str] = Counter()
        self._in_all: Counter[str] = Counter()

    async def quiesce(self) -> DueThing | None:
        """Run what is due now until all is quiet. Returns the thing before which `halt_before` stopped, if it did."""
        while True:
            await self._rest()
            side, thing = await self._first_due()
            if side is None or thing is None or thing.at > self.now:
                return None
            if self.halt_before(thing):
                return thing
            await self._run(side)

    async def advance(self, until: datetime, *, stop: Callable[[], Awaitable[bool]] | None = None) -> bool:
        """Move from due thing to due thing up to `until`.

        With `stop`, it is asked at each instant that is quiet, the last included; returns whether it answered yes.
        """
        while True:
            halted = await self.quiesce()
            if stop is not None and await stop():
                return True
            _, thing = await self._first_due()
            if halted is not None or thing is None or thing.at > until:
                break
            await self.set_clock(thing.at)
        if halted is None and until > self.now:
            await self.set_clock(until)
        return False

    async def drive(self, call: Awaitable[T], *, until: datetime) -> T:
        """Await a call of the harness, moving time when everything waits for it, `until` at the latest.

        Raises `NotQuiet` when the call is still open and nothing is due any more that could end it.
        """
        task = asyncio.ensure_future(self._counted(call))
        try:
            while True:
                halted = await self.quiesce()
                if task.done():
                    return await task
                _, thing = await self._first_due()
                if halted is not None or thing is None or thing.at > until:
                    raise NotQuiet(f"a call of the harness waits for ever: {await self._why()}")
                await self.set_clock(thing.at)
        finally:
            task.cancel()

    async def set_clock(self, instant: datetime) -> None:
        """Set every side's clock; run nothing."""
        self.now = instant
        self._here.clear()
        for side in self.sides:
            await side.set_clock(instant)

    async def next_due(self) -> DueThing | None:
        """Return what is due first over all sides."""
        return (await self._first_due())[1]

    async def _counted(self, call: Awaitable[T]) -> T:
        with self.own_calls.calling():
            return await call

    async def _run(self, side: Side) -> None:
        thing = await side.run_next()
        if thing is None:
            return
        self.ran.append(thing)
        self._here[str(thing)] += 1
        self._in_all[str(thing)] += 1
        self._refuse_restless(self._here, self._caps.turns, f"at {self.now.isoformat()}")
        self._refuse_restless(self._in_all, self._caps.turns_in_all, "in this run")

    @staticmethod
    def _refuse_restless(turns: Counter[str], most: int, when: str) -> None:
        if turns.total() > most:
            busiest, times = turns.most_common(1)[0]
            raise NotQuiet(f"{busiest} ran {times} times {when}: it owes itself again")

    async def _first_due(self) -> tuple[Side | None, DueThing | None]:
        best: tuple[Side | None, DueThing | None] = (None, None)
        for side in self.sides:
            thing = await side.next_due()
            if thing is not None and (best[1] is None or thing.at < best[1].at):
                best = (side, thing)
        return best

    async def _rest(self) -> None:
        give_up_at = time.monotonic() + self._caps.real_seconds
        before: list[Stir] | None = None
        while True:
            await asyncio.sleep(0)
            seen = [await side.stir() for side in self.sides]
            if seen == before and self._is_quiet(seen):
                break
            if time.monotonic() > give_up_at:
                raise NotQuiet(f"no quiet in {self._caps.real_seconds:g} s of real time: {await self._why()}")
            before = seen
        for side in self.sides:
            self.failures.extend(await side.take_failures())

    def _is_quiet(self, seen: Sequence[Stir]) -> bool:
        open_calls = self.own_calls.made - self.own_calls.ended + sum(one.calls_made - one.calls_ended for one in seen)
        open_requests = sum(one.requests_taken - one.requests_ended for one in seen)
        return all(one.running == 0 for one in seen) and open_calls == open_requests

    async def _why(self) -> str:
        parts = [f"{self.own_calls.made - self.own_calls.ended} calls of the harness open"]
        for side in self.sides:
            seen = await side.stir()
            parts.append(
                f"{side.name}: {seen.running} running, {seen.calls_made - seen.calls_ended} calls open, "
                f"{seen.requests_taken - seen.requests_ended} requests open"
            )
        return "; ".join(parts)
