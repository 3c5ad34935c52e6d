"""Runs what is owed: its own loop on the system clock, one thing at a time for whoever conducts a virtual one.

A job function asks whom it must with no transaction open and returns its conclusion, a unit of work. The worker
commits conclusion and end of the duty in one transaction, and only while the lease is held.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from contextvars import Context
from datetime import datetime

import structlog
from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.jobs import registry, store
from reference_server.jobs.conclusions import Conclusion, Conclusions
from reference_server.jobs.model import Job
from reference_server.jobs.places import Places
from reference_server.jobs.queues import Queue, queue_of
from reference_server.jobs.registry import Outcome
from reference_server.jobs.schedule import next_after_crash
from reference_server.jobs.store import Claim, Claimant, Claimed, Duty
from reference_server.log import describe_exception

__all__ = ["Conclusion", "JobFunction", "Worker"]

JobFunction = Callable[[Claim], Awaitable[Conclusion]]

# Whatever a job waits for has a limit of its own; one that forgot it must not keep its slot for ever.
JOB_SECONDS_MAX = 300.0

_log = structlog.get_logger()


class Worker:
    """Holds the leases of this process. `functions` joins each kind of job to what does it; `slots` are per queue."""

    def __init__(self, database: Database, clock: Clock, *, activity: Activity, name: str, slots: int) -> None:
        self._database = database
        self._clock = clock
        self._activity = activity
        self._places = Places(slots)
        self._conclusions = Conclusions(database, worker=lambda: self.name)
        self._conclusions.leave = self._places.leave
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[str] = []
        self._is_short = self._is_stopping = self._is_failing = False
        self.name = name
        # How far the clock that all lease holders share is ahead of this machine's.
        self.ahead_seconds = 0.0
        self.functions: Mapping[str, JobFunction] = {}
        self.wake = asyncio.Event()

    @property
    def is_working(self) -> bool:
        """Whether a task is running a duty."""
        return bool(self._tasks)

    def claimant(self) -> Claimant:
        """Return who claims here and now."""
        return Claimant(self.name, self._clock.wall().timestamp() + self.ahead_seconds, self._places.job_ids)

    def list_free(self, limit: int) -> list[Job]:
        """Return what nobody is at, earliest first."""
        claimant = self.claimant()
        return self._database.read_now(lambda session: store.list_free(session, claimant, limit=limit))

    def take_failures(self) -> list[str]:
        """Return what raised since the last time somebody asked."""
        failures, self._failures = self._failures, []
        return failures

    def start_next(self) -> Duty | None:
        """Start the duty that is due first, if its instant has come; it counts as working before this returns."""
        claimant, now = self.claimant(), self._clock.now()
        claim = self._database.run_now(lambda session: store.claim_next(session, claimant, now=now))
        if claim is None:
            return None
        self._start(claim)
        return claim.duty

    async def take_over(self) -> None:
        """Free what a predecessor of this name held when it died; at the start, before anything is claimed."""
        now = self._clock.now()
        await self._database.run(lambda session: store.release_all(session, self.name, now=now))

    async def run(self, claim: Claim) -> None:
        """Do the duty and commit its conclusion. What it raises is noted and tried again, never raised here."""
        await self._run(claim, self._conclusions.commit)

    async def loop(self) -> None:
        """Run what is due on the system clock until stopped; on a virtual clock only rest."""
        while not self._is_stopping:
            due_at = None
            try:
                due_at = await self._turn() if self._clock.mode is ClockMode.SYSTEM else None
                self._is_failing = False
            except Exception as error:  # noqa: BLE001  # the loop must live on: the database may be back in a moment
                self._tell_failure(error)
            await self._clock.idle(due_at, wake=self.wake)

    def stop_claiming(self) -> None:
        """Begin nothing more; what runs goes on."""
        self._is_stopping = True
        self.wake.set()

    async def stop(self, *, grace_seconds: float = 0.0) -> None:
        """Let what runs end within `grace_seconds`, and leave the rest where it is: its lease lapses, or is freed."""
        self.stop_claiming()
        if grace_seconds and self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=grace_seconds)
        for task in tuple(self._tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def hand_back(self) -> None:
        """Free what this worker holds: others take it at once. After `stop`."""
        now = self._clock.now()
        await self._database.run(lambda session: store.hand_back(session, self.name, now=now))

    async def _turn(self) -> datetime | None:
        while not self._is_stopping:
            room, avoided = self._places.room(), self._places.avoided()
            self._is_short = not all(room.values()) or bool(avoided)
            if not any(room.values()):
                return None
            claimed = await self._claim(room, avoided)
            if self._is_stopping:
                # What was claimed meanwhile is handed back with all else.
                return None
            for claim in claimed.claims:
                self._start(claim)
            if not claimed.has_more:
                return claimed.next_due_at
        return None

    async def _claim(self, room: Mapping[Queue, int], avoided: Collection[str]) -> Claimed:
        claimant, now = self.claimant(), self._clock.now()
        return await self._database.run(
            lambda session: store.claim_due(session, claimant, now=now, room=room, avoided=avoided)
        )

    def _start(self, claim: Claim) -> None:
        self._places.take(claim)
        self._activity.resume()
        task = asyncio.get_running_loop().create_task(
            # A duty is nobody's request: what it does is not noted on the exchange during which it was started.
            self._run_started(claim),
            name=claim.duty.name,
            context=Context(),
        )
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._activity.park()
        if self._is_short or self._clock.mode is ClockMode.VIRTUAL:
            self.wake.set()

    async def _run_started(self, claim: Claim) -> None:
        if self._clock.mode is ClockMode.VIRTUAL:
            await self._run(claim, self._conclusions.commit)
            return
        await self._run(claim, self._conclusions.commit_with_others)

    async def _run(self, claim: Claim, commit: Callable[[Claim, Conclusion], Awaitable[None]]) -> None:
        self._places.take(claim)
        limit = JOB_SECONDS_MAX if self._clock.mode is ClockMode.SYSTEM else None
        try:
            async with self._clock.machine_limit(limit):
                conclusion = await self.functions[claim.duty.name](claim)
            await commit(claim, conclusion)
        except Exception as error:  # noqa: BLE001  # whatever a job raises, its duty is still owed
            await self._after_crash(claim, error)
        finally:
            self._places.leave(claim)

    async def _after_crash(self, claim: Claim, error: Exception) -> None:
        told = f"{claim.duty.name}: {type(error).__name__}: {error}"
        self._failures = [*self._failures[-99:], told]
        # The journal's reader may see what it said; a log must not: it may quote an address with a password in it.
        _log.error("a job raised", job=claim.duty.name, subject=claim.duty.subject, error=describe_exception(error))
        again_at = next_after_crash(claim.crashes + 1, now=self._clock.now())

        def unit(session: Session) -> None:
            store.postpone(session, claim, again_at=again_at)
            registry.count_runs(session, self.name, {(queue_of(claim.duty.name), Outcome.FAILED): 1})

        # If the database is what failed, the lease lapses and the duty is still owed.
        with suppress(Exception):
            await self._database.run(unit)

    def _tell_failure(self, error: Exception) -> None:
        # Once: while a database is away every turn fails, twice a second.
        if not self._is_failing:
            _log.error("the worker's turn failed", error=describe_exception(error))
        self._is_failing = True
