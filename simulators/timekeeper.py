"""Runs what an account owes when its instant comes: by itself on the machine's clock, one at a time when conducted."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulators.activity import Activity
from simulators.clock import Clock, ClockError, ClockMode
from simulators.outbox import Due, DueKind, Outbox, Owed

# Sends of one account that may be under way at once on the machine's clock; the rest wait their turn.
AT_ONCE_MAX: Final = 64
# A thing that owes itself again at the same instant never lets time move on; a burst is some hundreds.
TURNS_AT_ONE_INSTANT_MAX: Final = 10_000
# Real time without rest before `advance` gives up and says why; a foreign merchant is cut off after 5 s by default.
REST_SECONDS_MAX: Final = 20
# A foreign merchant that we notify may ask us something before it answers, and what it asks may be parked on the clock
# that we are to move. So much real time without anybody moving is taken for that.
PARKED_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Advanced:
    """What an advance ran, and why it stopped early if it did."""

    ran: tuple[Due, ...]
    because: str | None = None


class Timekeeper:
    """The time of one account, for whoever conducts it: a story's conductor, the control plane, or its own loop."""

    def __init__(
        self, clock: Clock, activity: Activity, *, outbox: Outbox, rest_seconds: float = REST_SECONDS_MAX
    ) -> None:
        self.clock = clock
        self.activity = activity
        self._outbox = outbox
        self._rest_seconds = rest_seconds
        self._running: set[asyncio.Task[None]] = set()
        self._failures: list[str] = []

    def next_due(self) -> Due | None:
        """Return the earliest of timers and owed things; at one instant timers come first."""
        timer, owed = self.clock.next_due(), self._outbox.next_due()
        if timer is None or (owed is not None and owed.at < timer.at):
            return owed
        return Due(timer.at, DueKind.TIMER, timer.purpose)

    def list_due(self, limit: int) -> list[Due]:
        """Return up to `limit` due things, earliest first."""
        timers = [Due(timer.at, DueKind.TIMER, timer.purpose) for timer in self.clock.list_due()]
        return sorted([*timers, *self._outbox.list_due()], key=lambda due: due.at)[:limit]

    def run_next(self) -> Due | None:
        """Start the earliest thing if its instant has come; it counts as running before this returns."""
        first = self.next_due()
        if first is None or first.at > self.clock.now():
            return None
        if first.kind is DueKind.TIMER:
            self.clock.fire_next()
        elif (owed := self._outbox.take(self.clock.now())) is not None:
            self._start(owed)
        return first

    def take_failures(self) -> list[str]:
        """Return what raised since the last time."""
        failures, self._failures = self._failures, []
        return failures

    async def keep_time(self) -> None:
        """Run what is due on the machine's clock, for ever; on a virtual clock somebody else does."""
        while True:
            is_free = self.clock.mode is ClockMode.SYSTEM
            while is_free and len(self._running) < AT_ONCE_MAX and (owed := self._outbox.take(self.clock.now())):
                self._start(owed)
            due = self._outbox.next_due() if is_free and len(self._running) < AT_ONCE_MAX else None
            await self.clock.idle(due and due.at, wake=self._outbox.wake)

    async def advance(self, target: datetime) -> Advanced:
        """Move a virtual clock to `target` from due thing to due thing, each run to rest. Raises `ClockError`."""
        if self.clock.mode is ClockMode.SYSTEM:
            raise ClockError("the machine's clock cannot be advanced; set the clock to an instant first")
        if target < self.clock.now():
            self.clock.set(target)
        ran: list[Due] = []
        turns: Counter[datetime] = Counter()
        while (because := await self._rest()) is None:
            due = self.next_due()
            if due is None or due.at > target:
                self.clock.set(max(target, self.clock.now()))
                return Advanced(tuple(ran))
            self.clock.set(max(due.at, self.clock.now()))
            if self.run_next() is not None:
                ran.append(due)
            turns[self.clock.now()] += 1
            if turns[self.clock.now()] > TURNS_AT_ONE_INSTANT_MAX:
                because = f"{due.name} owes itself again and again at {self.clock.now().isoformat()}"
                break
        return Advanced(tuple(ran), because)

    async def stop(self) -> None:
        """Drop what is under way."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _rest(self) -> str | None:
        """Wait until nobody runs or awaits a peer; say why not if that does not come."""
        began = self.clock.wall()
        while True:
            self.activity.stirred.clear()
            # Everything that is ready takes its turn first: an answer just sent may have started the next thing.
            await asyncio.sleep(0)
            seen = self.activity.snapshot()
            waited = (self.clock.wall() - began).total_seconds()
            if seen.is_calm or (seen.is_balanced and waited > PARKED_SECONDS):
                return None
            if waited > self._rest_seconds:
                open_calls = seen.calls_made - seen.calls_ended
                return f"{seen.running} run and {open_calls} calls are open after {self._rest_seconds:g} s of real time"
            await self.clock.idle(None, wake=self.activity.stirred)

    def _start(self, owed: Owed) -> None:
        self.activity.resume()
        task = asyncio.get_running_loop().create_task(self._run(owed))
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def _run(self, owed: Owed) -> None:
        try:
            await owed.work()
        except Exception as failure:  # noqa: BLE001  # whatever a due thing raises is told to who conducts
            self._failures.append(f"{owed.due.name}: {type(failure).__name__}: {failure}")
        finally:
            self.activity.park()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._outbox.wake.set()
