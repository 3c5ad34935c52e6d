"""Runs what is owed: its own loop on the system clock, one thing at a time for whoever conducts a virtual one.

A job function asks whom it must with no transaction open and returns its conclusion, a unit of work. The worker
commits conclusion and end of the duty in one transaction, and only while the lease is held.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from contextvars import Context
from datetime import datetime

import structlog
from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.jobs import store
from reference_server.jobs.model import Job
from reference_server.jobs.schedule import next_after_crash
from reference_server.jobs.store import Claim, Claimant, Duty
from reference_server.log import describe_exception

# Answers when to run again, and None when the duty is done.
Conclusion = Callable[[Session], datetime | None]
JobFunction = Callable[[Claim], Awaitable[Conclusion]]

_log = structlog.get_logger()


class Worker:
    """Holds the leases of this process. `functions` joins each kind of job to what does it."""

    def __init__(self, database: Database, clock: Clock, *, activity: Activity, name: str, slots: int) -> None:
        self._database = database
        self._clock = clock
        self._activity = activity
        self._name = name
        self._slots = slots
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[str] = []
        self.functions: Mapping[str, JobFunction] = {}
        self.wake = asyncio.Event()

    @property
    def is_working(self) -> bool:
        """Whether a task is running a duty."""
        return bool(self._tasks)

    def claimant(self) -> Claimant:
        """Return who claims here and now."""
        return Claimant(self._name, self._clock.wall().timestamp(), tuple(self._running))

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
        await self._database.run(lambda session: store.release_all(session, self._name))

    async def run(self, claim: Claim) -> None:
        """Do the duty and commit its conclusion. What it raises is noted and tried again, never raised here."""
        self._running.add(claim.job_id)
        try:
            await self._conclude(claim, await self.functions[claim.duty.name](claim))
        except Exception as error:  # noqa: BLE001  # whatever a job raises, its duty is still owed
            await self._after_crash(claim, error)
        finally:
            self._running.discard(claim.job_id)
            self.wake.set()

    async def loop(self) -> None:
        """Run what is due on the system clock for ever; on a virtual clock only rest."""
        while True:
            try:
                due_at = await self._turn() if self._clock.mode is ClockMode.SYSTEM else None
            except Exception as error:  # noqa: BLE001  # the loop must live on: the database may be back in a moment
                _log.error("the worker's turn failed", error=repr(error))
                due_at = None
            await self._clock.idle(due_at, wake=self.wake)

    async def stop(self) -> None:
        """Leave running jobs where they are; their leases lapse or pass to a successor of the same name."""
        for task in tuple(self._tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _turn(self) -> datetime | None:
        claimant = self.claimant()
        if self._running:
            await self._database.run(lambda session: store.extend(session, claimant))
        while len(self._running) < self._slots:
            due_at = await self._first_due_at()
            if due_at is None or due_at > self._clock.now():
                return due_at
            await self._start_first()
        return None

    async def _first_due_at(self) -> datetime | None:
        claimant = self.claimant()
        first = await self._database.read(lambda session: store.list_free(session, claimant, limit=1))
        return first[0].due_at if first else None

    async def _start_first(self) -> None:
        claimant, now = self.claimant(), self._clock.now()
        claim = await self._database.run(lambda session: store.claim_next(session, claimant, now=now))
        if claim is not None:
            self._start(claim)

    def _start(self, claim: Claim) -> None:
        self._running.add(claim.job_id)
        self._activity.resume()
        task = asyncio.get_running_loop().create_task(
            # A duty is nobody's request: what it does is not noted on the exchange during which it was started.
            self.run(claim),
            name=claim.duty.name,
            context=Context(),
        )
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._activity.park()
        self.wake.set()

    async def _conclude(self, claim: Claim, conclusion: Conclusion) -> None:
        def unit(session: Session) -> None:
            if store.holds(session, claim):
                store.conclude(session, claim, again_at=conclusion(session))

        await self._database.run(unit)

    async def _after_crash(self, claim: Claim, error: Exception) -> None:
        told = f"{claim.duty.name}: {type(error).__name__}: {error}"
        self._failures.append(told)
        # The journal's reader may see what it said; a log must not: it may quote an address with a password in it.
        _log.error("a job raised", job=claim.duty.name, subject=claim.duty.subject, error=describe_exception(error))
        again_at = next_after_crash(claim.crashes + 1, now=self._clock.now())
        # If the database is what failed, the lease lapses and the duty is still owed.
        with suppress(Exception):
            await self._database.run(lambda session: store.postpone(session, claim, again_at=again_at))
