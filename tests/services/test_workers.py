"""Several workers, each a process, on one PostgreSQL: once each, whoever is killed, and woken at once."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.audit import list_lines
from reference_server.clock import Clock
from reference_server.jobs import store
from reference_server.jobs.figures import QueueFigures, read_figures
from reference_server.jobs.queues import Queue
from reference_server.jobs.store import Claimant, Duty
from tests.counts import large
from tests.services.draining import AT_WORK, ORDER, Drain

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
# Over on every machine that runs this.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# What may take so long is broken, or on a machine that does nothing else.
SECONDS_MAX = 60


class Desk:
    """Looks at the database, and owes; runs nothing."""

    def __init__(self, url: str) -> None:
        self.drain = Drain(url, "desk")
        self.drain.database.open()

    async def do(self, unit: Callable[[Session], T]) -> T:
        return await self.drain.database.run(unit)

    async def owe(self, name: str, count: int) -> None:
        def unit(session: Session) -> None:
            for number in range(count):
                duty = Duty(name, f"{name}-{number}", f"GW-{number}")
                store.owe(session, duty, due_at=LONG_AGO)

        await self.do(unit)

    async def ran(self) -> Counter[str]:
        return Counter(line.resource_id for line in await self.do(lambda session: list_lines(session, ORDER)))

    async def figures(self) -> QueueFigures:
        clock = self.drain.clock
        return await self.do(lambda session: read_figures(session, clock.now(), wall=clock.wall()))

    async def until(self, holds: Callable[[QueueFigures], bool]) -> QueueFigures:
        """Look until it holds; other processes make it so."""
        async with asyncio.timeout(SECONDS_MAX):
            while not holds(figures := await self.figures()):
                pass
            return figures


@asynccontextmanager
async def desk(url: str) -> AsyncGenerator[Desk]:
    it = Desk(url)
    try:
        yield it
    finally:
        it.drain.database.close()


@contextmanager
def worker_process(url: str, name: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.services.draining", url, name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == AT_WORK
            yield process
        finally:
            process.kill()


def is_drained(figures: QueueFigures) -> bool:
    counts = figures.queues[Queue.OTHER]
    return counts.waiting + counts.active + counts.delayed == 0


async def test_four_processes_run_each_of_many_jobs_once(postgres_url: str) -> None:
    count = large(4_000)
    async with desk(postgres_url) as it:
        await it.owe("note", count)
        with ExitStack() as stack:
            for number in range(4):
                stack.enter_context(worker_process(postgres_url, f"worker-{number}"))
            figures = await it.until(is_drained)
        ran = await it.ran()
    assert (len(ran), set(ran.values())) == (count, {1})
    assert (figures.queues[Queue.OTHER].completed, figures.queues[Queue.OTHER].failed) == (count, 0)
    assert [worker.name for worker in figures.workers] == [f"worker-{number}" for number in range(4)]


async def test_the_jobs_of_a_killed_worker_come_back_when_their_leases_lapse_and_not_before(postgres_url: str) -> None:
    async with desk(postgres_url) as it:
        await it.owe("hang", 4)
        with worker_process(postgres_url, "dead") as process:
            await it.until(lambda figures: figures.queues[Queue.OTHER].active == 4)
            process.send_signal(signal.SIGKILL)
            process.wait()
        jobs = await it.do(lambda session: store.list_free(session, Claimant("looks", 10**12), limit=9))
        lapse = max(job.lease_until for job in jobs)
        claims = [await claim_all(it, wall_seconds=wall) for wall in (lapse - 1.9, lapse)]
    assert claims == [0, 4]
    assert {(job.lease_owner, job.crashes) for job in jobs} == {("dead", 0)}


async def claim_all(it: Desk, *, wall_seconds: float) -> int:
    heir = Claimant("heir", wall_seconds)
    room = dict.fromkeys(Queue, 9)
    claimed = await it.do(lambda session: store.claim_due(session, heir, now=it.drain.clock.now(), room=room))
    return len(claimed.claims)


async def test_another_process_takes_up_what_a_killed_one_was_at(postgres_url: str) -> None:
    async with desk(postgres_url) as it:
        await it.owe("hang", 3)
        with worker_process(postgres_url, "dead") as first, worker_process(postgres_url, "heir"):
            await it.until(lambda figures: figures.queues[Queue.OTHER].active == 3)
            first.send_signal(signal.SIGKILL)
            await it.until(lambda figures: held_by(figures, "heir") == 3)


def held_by(figures: QueueFigures, name: str) -> int:
    return next((worker.active for worker in figures.workers if worker.name == name), 0)


async def test_a_worker_that_is_asked_to_stop_hands_back_what_does_not_end(postgres_url: str) -> None:
    async with desk(postgres_url) as it:
        await it.owe("hang", 2)
        with worker_process(postgres_url, "stops") as process:
            await it.until(lambda figures: figures.queues[Queue.OTHER].active == 2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS_MAX) == 0
        jobs = await it.do(lambda session: store.list_free(session, Claimant("looks", 0.0), limit=9))
        figures = await it.figures()
    # Free at an instant at which no lease has lapsed, and none the worse for it.
    assert [(job.lease_owner, job.crashes, job.tries) for job in jobs] == [(None, 0, 0)] * 2
    assert figures.workers == ()


class PatientClock(Clock):
    """Rests until somebody wakes it, and never looks by itself."""

    async def idle(self, until: datetime | None, *, wake: asyncio.Event) -> None:
        await wake.wait()
        wake.clear()


async def test_what_one_process_owes_wakes_another_at_once(postgres_url: str) -> None:
    sleeper = Drain(postgres_url, "sleeper", clock=PatientClock(Activity()))
    other = Drain(postgres_url, "other", clock=PatientClock(Activity()), slots=0)
    await sleeper.start()
    await other.start()
    try:
        async with desk(postgres_url) as it:
            # It looks when it begins and when it is on the line; from the third on only a wake-up can be the reason.
            for number in range(4):
                duty = Duty("note", str(number), "GW")
                await other.database.run(lambda session, duty=duty: store.owe(session, duty, due_at=LONG_AGO))
                await it.until(is_drained)
            assert await it.ran() == Counter("0123")
    finally:
        await sleeper.stop()
        await other.stop()
