"""What is due on this side's clock, timers and owed work in one order, for whoever conducts a virtual clock."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reference_server.activity import Activity
from reference_server.clock import Clock, DueTimer
from reference_server.jobs.worker import Worker


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that will happen when its instant has come and somebody runs it."""

    at: datetime
    kind: Literal["timer", "job", "send"]
    name: str
    subject: str = ""


class Timekeeper:
    """At one instant timers come first, in the order of arming, then jobs in the order of owing."""

    def __init__(self, clock: Clock, activity: Activity, worker: Worker) -> None:
        self.clock = clock
        self.activity = activity
        self._worker = worker

    @property
    def ended(self) -> asyncio.Event:
        """Set whenever a job has ended, for whoever waits for quiet."""
        return self._worker.wake

    @property
    def is_working(self) -> bool:
        """Whether a job has been started that has not ended."""
        return self._worker.is_working

    def next_due(self) -> Due | None:
        """Return what is due first, whether its instant has come or not; what is running is not due."""
        first = self.list_due(1)
        return first[0] if first else None

    def list_due(self, limit: int) -> list[Due]:
        """Return what is due, earliest first."""
        timers = [_timer_as_due(timer) for timer in self.clock.list_due(limit)]
        jobs = [Due(job.due_at, "job", job.name, job.subject) for job in self._worker.list_free(limit)]
        return sorted([*timers, *jobs], key=lambda due: due.at)[:limit]

    def run_next(self) -> Due | None:
        """Start what is due first, if its instant has come, and say what it was; never waits for it to end."""
        first = self.next_due()
        if first is None or first.at > self.clock.now():
            return None
        if first.kind == "timer":
            fired = self.clock.fire_next()
            return None if fired is None else _timer_as_due(fired)
        return None if self._worker.start_next() is None else first

    def take_failures(self) -> list[str]:
        """Return what raised since the last time somebody asked: "fulfil_order: KeyError: ..."."""
        return self._worker.take_failures()


def _timer_as_due(timer: DueTimer) -> Due:
    return Due(timer.at, "timer", timer.purpose)
