"""Whether this system works: the database, Redis, somebody who runs what is owed. Tells no address and no secret."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.fastpath import FastPath
from reference_server.jobs.figures import QueueFigures, read_figures, read_workers
from reference_server.operating.meters import Seen

T = TypeVar("T")
# Of the machine's time. Whoever asks, a balancer or a person, waits no longer for a database that hangs.
LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How each part stands, in the words of `openapi.yaml`."""

    status: str
    database: str
    redis: str
    worker: str

    @property
    def is_well(self) -> bool:
        """Whether payments are taken and worked. Redis is a shortcut: without it everything goes on."""
        return self.status != "failing"


class Health:
    """However many ask at once, one look is under way: strangers may ask, and must not become the load."""

    def __init__(self, database: Database, clock: Clock, *, fast: FastPath | None, sockets: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._fast = fast
        self._sockets = sockets
        self._looking: dict[bool, asyncio.Task[Seen]] = {}
        # Set once by whoever stops this process: no further request is wanted here.
        self.is_ending = False

    async def look(self, *, counting: bool = False) -> Seen:
        """Ask everybody, each for a bounded time; `counting` what is owed costs the more, the more there is."""
        looking = self._looking.get(counting)
        if looking is None or looking.done():
            looking = self._looking[counting] = asyncio.create_task(self._look(counting=counting), name="health")
        return await asyncio.shield(looking)

    def now(self) -> datetime:
        """Return the product's instant."""
        return self._clock.now()

    async def is_database_there(self) -> bool:
        """Say whether the database answers."""
        return await _within(lambda: self._database.read(lambda _: True), otherwise=False)

    async def read_figures(self) -> QueueFigures:
        """Count what is owed. Raises `NotReadyError` where the database is away."""
        now, wall = self._clock.now(), self._clock.wall()
        return await self._database.read(lambda session: read_figures(session, now, wall=wall))

    async def _read_workers(self) -> QueueFigures:
        wall = self._clock.wall()
        return QueueFigures(workers=await self._database.read(lambda session: read_workers(session, wall=wall)))

    async def _look(self, *, counting: bool) -> Seen:
        redis = None
        if self._fast is not None:
            redis = await self._fast.answers()
        figures = await _within(self.read_figures if counting else self._read_workers, otherwise=None)
        return Seen(
            now=self._clock.now(),
            database=figures is not None,
            redis=redis,
            figures=figures,
            sockets=self._sockets(),
        )


def standing_of(seen: Seen) -> Standing:
    """Put into words what was seen."""
    redis = "unused" if seen.redis is None else "ok" if seen.redis else "away"
    is_worked = seen.figures is not None and seen.figures.is_worked
    worker = "ok" if is_worked else "missing" if seen.figures is not None else "unknown"
    status = "failing" if not is_worked else "degraded" if seen.redis is False else "ok"
    return Standing(status, "ok" if seen.database else "failing", redis, worker)


async def _within(look: Callable[[], Awaitable[T]], *, otherwise: T) -> T:
    """Look for at most so long; whatever goes wrong is the answer `otherwise`."""
    task = asyncio.ensure_future(look())
    done, _ = await asyncio.wait([task], timeout=LOOK_SECONDS)
    if not done:
        task.cancel()
        return otherwise
    return otherwise if task.exception() is not None else task.result()
