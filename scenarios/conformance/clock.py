"""Time as a case has it: in step with the merchant, or virtual for the gateway beside a foreign shop's real one."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from scenarios.conductor import Conductor, NotQuiet
from scenarios.sides import Side

T = TypeVar("T")

# How long a call of the harness may stay open on the virtual clock: longer than any limit of a merchant of ours.
PATIENCE = timedelta(hours=1)
# A foreign shop that says nothing to anybody for so long, with no call open, is taken to be at rest.
CALM_SECONDS = 0.04
# An open call is waited for a little longer than the gateway's own limit of 5 s.
OPEN_SECONDS_MAX = 7.0
_PAUSE_SECONDS = 0.004

stopwatch = time.perf_counter


class Clock(Protocol):
    """What cases may do with time."""

    is_virtual: bool

    @property
    def now(self) -> datetime:
        """The gateway's instant."""
        ...

    def watch(self, side: Side) -> None:
        """Move this side's time too."""
        ...

    async def quiesce(self) -> None:
        """Run what is due now until all is quiet."""
        ...

    async def advance(self, by: timedelta) -> None:
        """Move from due thing to due thing."""
        ...

    def begin(self, call: Awaitable[T]) -> "asyncio.Task[T]":
        """Start a call of the harness and let it run."""
        ...

    async def finish(self, task: "asyncio.Task[T]") -> T:
        """Await a call, moving time when everything waits for it. Raises `NotQuiet` when nothing can end it."""
        ...

    async def pause(self, seconds: float) -> None:
        """Let real time pass, where the merchant lives in it."""
        ...


class InStep:
    """Everybody keeps the conductor's time."""

    is_virtual = True

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    @property
    def now(self) -> datetime:
        return self._conductor.now

    def watch(self, side: Side) -> None:
        self._conductor.sides.append(side)

    async def quiesce(self) -> None:
        await self._conductor.quiesce()

    async def advance(self, by: timedelta) -> None:
        await self._conductor.advance(self.now + by)

    def begin(self, call: Awaitable[T]) -> "asyncio.Task[T]":
        async def counted() -> T:
            with self._conductor.own_calls.calling():
                return await call

        return asyncio.ensure_future(counted())

    async def finish(self, task: "asyncio.Task[T]") -> T:
        until = self.now + PATIENCE
        while True:
            await self._conductor.quiesce()
            if task.done():
                return await task
            due = await self._conductor.next_due()
            if due is None or due.at > until:
                task.cancel()
                raise NotQuiet("a call of the harness waits for ever")
            await self._conductor.set_clock(due.at)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


class BesideReal:
    """The gateway's clock is virtual; the merchant keeps the machine's."""

    is_virtual = False

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._sides: list[Side] = []

    @property
    def now(self) -> datetime:
        return self._now

    def watch(self, side: Side) -> None:
        self._sides.append(side)

    async def quiesce(self) -> None:
        """Run what is due, and wait until the shop has been silent for a little while."""
        started = silent_since = time.monotonic()
        before: object = None
        while True:
            ran = [await side.run_next() for side in self._sides]
            stirs = [await side.stir() for side in self._sides]
            if stirs != before or any(ran):
                before, silent_since = stirs, time.monotonic()
            silent = time.monotonic() - silent_since
            calls = sum(stir.calls_made - stir.calls_ended for stir in stirs)
            parked = sum(stir.requests_taken - stir.requests_ended for stir in stirs)
            # The shop works on a notification unless it waits for an answer that only the gateway's clock brings.
            waits = calls > 0 and not parked
            if silent > CALM_SECONDS and (not waits or time.monotonic() - started > OPEN_SECONDS_MAX):
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def advance(self, by: timedelta) -> None:
        until = self._now + by
        while True:
            await self.quiesce()
            found = [thing for side in self._sides if (thing := await side.next_due()) is not None]
            at = min((thing.at for thing in found), default=until)
            await self._set(min(max(at, self._now), until))
            if at >= until:
                await self.quiesce()
                return

    def begin(self, call: Awaitable[T]) -> "asyncio.Task[T]":
        return asyncio.ensure_future(call)

    async def finish(self, task: "asyncio.Task[T]") -> T:
        started = time.monotonic()
        while not task.done():
            await self.quiesce()
            if not task.done() and time.monotonic() - started > CALM_SECONDS * 4:
                await self._leap()
            if not task.done() and time.monotonic() - started > OPEN_SECONDS_MAX * 2:
                task.cancel()
                raise NotQuiet("the shop does not answer a call of the harness")
        return await task

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _leap(self) -> None:
        """Go to what is due next within the patience, if the shop waits for an answer that the gateway's clock holds.

        A shop that is only slow waits for nothing of ours: then time must stand, or sessions expire under its hands.
        """
        stirs = [await side.stir() for side in self._sides]
        if all(stir.requests_taken == stir.requests_ended for stir in stirs):
            return
        found = [thing.at for side in self._sides if (thing := await side.next_due()) is not None]
        at = min(found, default=self._now)
        if self._now < at <= self._now + PATIENCE:
            await self._set(at)

    async def _set(self, instant: datetime) -> None:
        self._now = instant
        for side in self._sides:
            await side.set_clock(instant)


async def tick() -> None:
    """Wait a moment for another process."""
    await asyncio.sleep(_PAUSE_SECONDS * 5)


async def wait(seconds: float) -> None:
    """Give a foreign shop real time."""
    if seconds:
        await asyncio.sleep(seconds)
