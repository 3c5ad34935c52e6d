"""The worker of this process with its heart and its wake-up: begun, drained and stopped as one."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from reference_server.clock import Clock, ClockMode
from reference_server.jobs.heart import Heart
from reference_server.jobs.wakeup import Wakeup
from reference_server.jobs.worker import Worker

# Of the five seconds that a stop may take, what jobs may have to come to their end.
GRACE_SECONDS = 3.0
# And what the last words to the database may take.
FAREWELL_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works together in one process."""

    worker: Worker
    heart: Heart
    wakeup: Wakeup


class Station:
    """With `runs_jobs` it runs what is owed; without, it only keeps the leases of what its requests run themselves."""

    def __init__(self, crew: Crew, clock: Clock, *, runs_jobs: bool) -> None:
        self._worker = crew.worker
        self._heart = crew.heart
        self._wakeup = crew.wakeup
        self._clock = clock
        self._runs_jobs = runs_jobs
        self._loop: asyncio.Task[None] | None = None

    async def sign_on(self) -> None:
        """Take the place of whoever had this worker's name, with all that it held; nothing is run yet."""
        await self._heart.start()
        await self._worker.take_over()

    async def begin(self) -> None:
        """Run what is due from now on."""
        await self._wakeup.start()
        if self._runs_jobs:
            self._loop = asyncio.create_task(self._worker.loop(), name="worker")

    async def drain(self) -> None:
        """Begin nothing more, and let what runs end in good time; on a virtual clock it would not end by itself."""
        is_on_system = self._clock.mode is ClockMode.SYSTEM
        await self._worker.stop(grace_seconds=GRACE_SECONDS if is_on_system else 0.0)

    async def stop(self) -> None:
        """End. On the system clock what did not come to its end is handed back; on a virtual one nothing is written."""
        await self._worker.stop()
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        await self._heart.stop()
        if self._clock.mode is ClockMode.SYSTEM:
            await self._say_farewell()
        await self._wakeup.stop()

    async def _say_farewell(self) -> None:
        # Without a database to tell it to, leases lapse by themselves.
        with suppress(Exception):
            async with self._clock.machine_limit(FAREWELL_SECONDS):
                await self._worker.hand_back()
                await self._heart.sign_off()
