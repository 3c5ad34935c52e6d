"""The heartbeat of a process: keeps its leases and its place in the registry, learns of others, and purges by age.

It beats on the machine's time, and on the system clock only: a virtual one repeats runs, and nothing happens by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.incarnation import Incarnation, read_remembered
from reference_server.jobs import registry, store
from reference_server.jobs.purge import Purge, purge_all
from reference_server.jobs.registry import Registration
from reference_server.jobs.worker import Worker
from reference_server.log import describe_exception

# Between two looks at who is dead, and between two purges, of the machine's time.
ROUNDS_EVERY = timedelta(seconds=20)
PURGE_EVERY = timedelta(minutes=10)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HeartTerms:
    """Whether this process runs jobs, what it purges if it does, and who heeds what other processes did."""

    runs_jobs: bool
    purges: Sequence[Purge]
    heed: Callable[[Incarnation], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Beat:
    machine_seconds: float | None
    is_known: bool
    remembered: Incarnation


class Heart:
    """Of one worker. `start` signs it on, before anything is claimed; `stop` leaves it as a kill would."""

    def __init__(self, worker: Worker, database: Database, clock: Clock, *, terms: HeartTerms) -> None:
        self._worker = worker
        self._database = database
        self._clock = clock
        self._terms = terms
        self._term = 0
        self._beats = False
        self._is_failing = False
        self._ending = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None
        self._rounds_at = self._purge_at = clock.wall() + ROUNDS_EVERY

    async def start(self) -> None:
        """Sign on and begin to beat."""
        await self._sign_on_as_it_is()
        self._ending.clear()
        self._beating = asyncio.create_task(self._beat_for_ever(), name="heart")

    async def stop(self) -> None:
        """Beat no more."""
        self._ending.set()
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
            self._beating = None

    async def sign_off(self) -> None:
        """Strike this worker out of the registry; after `stop`."""
        await self._database.run(lambda session: registry.sign_off(session, self._worker.name, term=self._term))

    async def beat(self) -> None:
        """Beat once."""
        claimant, wall = self._worker.claimant(), self._wall()

        def unit(session: Session) -> _Beat:
            if claimant.running:
                store.extend(session, claimant)
            is_known = registry.beat(session, claimant.worker, term=self._term, wall=wall)
            return _Beat(registry.machine_seconds(session), is_known, read_remembered(session))

        beat = await self._database.run(unit)
        self._keep_time(beat.machine_seconds)
        if not beat.is_known:
            await self._sign_on_again()
        if self._database.is_shared:
            await self._terms.heed(beat.remembered)
        await self._make_rounds()

    async def _beat_for_ever(self) -> None:
        while not self._ending.is_set():
            await self._clock.idle(None, wake=self._ending)
            is_virtual = self._clock.mode is ClockMode.VIRTUAL
            if self._ending.is_set() or (is_virtual and not self._beats):
                continue
            try:
                # A clock that was made virtual is told of once: nobody must take this worker for dead.
                await (self._sign_on_as_it_is() if is_virtual else self.beat())
                self._is_failing = False
            except Exception as error:  # noqa: BLE001  # it must go on: the database may be back in a moment
                if not self._is_failing:
                    _log.error("a heartbeat failed", error=describe_exception(error))
                self._is_failing = True

    async def _make_rounds(self) -> None:
        wall = self._clock.wall()
        if wall >= self._rounds_at:
            self._rounds_at = wall + ROUNDS_EVERY
            shared = self._wall()
            for name in await self._database.run(lambda session: registry.strike_out_dead(session, wall=shared)):
                _log.warning("a worker has died", worker=name)
        if wall >= self._purge_at and self._terms.runs_jobs:
            self._purge_at = wall + PURGE_EVERY
            gone = await purge_all(self._database, self._terms.purges, now=self._clock.now())
            if gone:
                _log.info("purged by age", **gone)

    async def _sign_on_again(self) -> None:
        """Come back after a long silence, in which this worker was taken for dead; or give way to a successor."""
        name = self._worker.name
        if await self._database.read(lambda session: registry.is_signed_on(session, name)):
            _log.error("another process signed on under this worker's name; this one begins no more jobs", worker=name)
            self._worker.stop_claiming()
            return
        await self._sign_on_as_it_is()

    async def _sign_on_as_it_is(self) -> None:
        self._term = await self._database.run(self._sign_on)

    def _sign_on(self, session: Session) -> int:
        self._keep_time(registry.machine_seconds(session))
        self._beats = self._clock.mode is ClockMode.SYSTEM
        new = Registration(self._worker.name, self._terms.runs_jobs, self._beats)
        return registry.sign_on(session, new, wall=self._wall())

    def _keep_time(self, machine_seconds: float | None) -> None:
        if machine_seconds is not None:
            self._worker.ahead_seconds = machine_seconds - self._clock.wall().timestamp()

    def _wall(self) -> datetime:
        return self._clock.wall() + timedelta(seconds=self._worker.ahead_seconds)
