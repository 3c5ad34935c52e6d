"""The server's time: the machine's clock, or a virtual one that stands until it is set. Nobody else asks the time.

Limits and delays are timers of this clock. On the system clock they run by themselves; on the virtual clock whoever
conducts sets the instant and fires them one at a time, in order of due time and of arming.
"""

import asyncio
import heapq
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from reference_server.activity import Activity

# Longest real wait of a side's own loop between two looks at what is due: what a lost wake-up costs.
IDLE_SECONDS_MAX = 0.5
# Timers that were never needed (a call that kept its limit) leave the heap in sweeps: each costs next to nothing.
SWEEP_EVERY = 256


def machine_ordinal() -> int:
    """Place what happens now among what happens in other processes of this machine."""
    return time.monotonic_ns()


class ClockMode(Enum):
    """Who owns the time."""

    SYSTEM = "system"
    VIRTUAL = "virtual"


class ClockError(ValueError):
    """A clock was asked for what its mode does not allow, or to go back."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that waits: when it is due on this clock, and what it is for."""

    at: datetime
    purpose: str


@dataclass(slots=True, order=True)
class _Timer:
    due: datetime
    sequence: int
    purpose: str = field(compare=False)
    expire: Callable[[], None] = field(compare=False)
    handle: asyncio.TimerHandle | None = field(compare=False, default=None)
    fired: bool = field(compare=False, default=False)
    gone: bool = field(compare=False, default=False)


class Clock:
    """The product's time of one side. `virtual_from` makes it stand there; without it the machine's time runs."""

    def __init__(self, activity: Activity, *, virtual_from: datetime | None = None) -> None:
        self._activity = activity
        self._instant = virtual_from
        self._timers: list[_Timer] = []
        self._armed = 0

    @property
    def mode(self) -> ClockMode:
        """Who owns the time now."""
        return ClockMode.SYSTEM if self._instant is None else ClockMode.VIRTUAL

    def now(self) -> datetime:
        """Return the product's instant, in UTC."""
        return self.wall() if self._instant is None else self._instant

    def wall(self) -> datetime:
        """Return the machine's instant, in UTC: for leases, and for what foreign code checks on its own."""
        return datetime.now(UTC)

    def set(self, instant: datetime) -> None:
        """Stand at `instant` and run nothing. Raises `ClockError` when that lies before a virtual now."""
        if self._instant is not None and instant < self._instant:
            stands = self._instant.isoformat()
            raise ClockError(f"the clock stands at {stands} and cannot go back to {instant.isoformat()}")
        self._instant = instant.astimezone(UTC)
        for timer in self._timers:
            _disarm(timer)

    def release(self) -> None:
        """Let the machine's time run again, from the machine's now; timers keep their due instants."""
        self._instant = None
        for timer in self._timers:
            self._arm(timer)

    async def sleep(self, seconds: float, *, purpose: str) -> None:
        """Wait `seconds` of this clock. The caller is a counted activity and stands still meanwhile."""
        woken = asyncio.get_running_loop().create_future()

        def wake() -> None:
            self._activity.resume()
            woken.set_result(None)

        timer = self._add(seconds, purpose, wake)
        self._activity.park()
        try:
            await woken
        finally:
            self._drop(timer)
            if not timer.fired:
                self._activity.resume()

    @asynccontextmanager
    async def limit(self, seconds: float, *, purpose: str) -> AsyncGenerator[None]:
        """Cut the block off with `TimeoutError` after `seconds` of this clock."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as scope:

            def expire() -> None:
                self._activity.resume()
                scope.reschedule(loop.time())

            timer = self._add(seconds, purpose, expire)
            try:
                yield
            finally:
                self._drop(timer)
                if timer.fired:
                    self._activity.park()

    @staticmethod
    def machine_limit(seconds: float | None) -> asyncio.Timeout:
        """Cut the block off with `TimeoutError` after `seconds` of the machine: for what keeps no clock of ours."""
        return asyncio.timeout(seconds)

    async def idle(self, until: datetime | None, *, wake: asyncio.Event) -> None:
        """Let a side's own loop rest until `wake` is set, `until` has come, or half a second of real time is over."""
        rest = IDLE_SECONDS_MAX
        if until is not None and self.mode is ClockMode.SYSTEM:
            rest = min(rest, max(0.0, (until - self.now()).total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout(rest):
                await wake.wait()
        wake.clear()

    def next_due(self) -> DueTimer | None:
        """Return the timer that is due first, whether its instant has come or not."""
        while self._timers and self._timers[0].gone:
            heapq.heappop(self._timers)
        return DueTimer(self._timers[0].due, self._timers[0].purpose) if self._timers else None

    def list_due(self, limit: int) -> list[DueTimer]:
        """Return the timers that wait, earliest first."""
        waiting = heapq.nsmallest(limit, (timer for timer in self._timers if not timer.gone))
        return [DueTimer(timer.due, timer.purpose) for timer in waiting]

    def fire_next(self) -> DueTimer | None:
        """Fire the first timer if its instant has come, and say which it was."""
        first = self.next_due()
        if first is None or first.at > self.now():
            return None
        self._fire(heapq.heappop(self._timers))
        return first

    def _add(self, seconds: float, purpose: str, expire: Callable[[], None]) -> _Timer:
        self._armed += 1
        if self._armed % SWEEP_EVERY == 0:
            self._timers = [timer for timer in self._timers if not timer.gone]
            heapq.heapify(self._timers)
        timer = _Timer(self.now() + timedelta(seconds=seconds), self._armed, purpose, expire)
        heapq.heappush(self._timers, timer)
        if self._instant is None:
            self._arm(timer)
        return timer

    def _arm(self, timer: _Timer) -> None:
        if not timer.gone and not timer.fired:
            delay = max(0.0, (timer.due - self.now()).total_seconds())
            timer.handle = asyncio.get_running_loop().call_later(delay, self._fire, timer)

    def _fire(self, timer: _Timer) -> None:
        _disarm(timer)
        if not timer.gone and not timer.fired:
            timer.fired = timer.gone = True
            timer.expire()

    @staticmethod
    def _drop(timer: _Timer) -> None:
        timer.gone = True
        _disarm(timer)


def _disarm(timer: _Timer) -> None:
    if timer.handle is not None:
        timer.handle.cancel()
        timer.handle = None
