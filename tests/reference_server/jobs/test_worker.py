"""The worker on both clocks: what runs when, what a job that raises costs, and whose effects count."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.audit import list_lines, record
from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.jobs import store
from reference_server.jobs.store import Claim, Claimant, Duty
from reference_server.jobs.worker import Conclusion, Worker
from reference_server.timekeeper import Due, Timekeeper

AT = datetime(2030, 1, 1, tzinfo=UTC)
# Over on every machine that runs this.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Bench:
    """A worker with jobs that note in the audit trail that they ran."""

    def __init__(self, database: Database, clock: Clock, activity: Activity) -> None:
        self.database = database
        self.worker = Worker(database, clock, activity=activity, name="me", slots=4)
        self.worker.functions = {"note": self.note, "crash": self.crash, "wait": self.wait, "again": self.again}
        self.keeper = Timekeeper(clock, activity, self.worker)
        self.gate = asyncio.Event()
        database.tell = lambda aftermath: self.worker.wake.set() if aftermath.owed else None

    async def note(self, claim: Claim) -> Conclusion:
        return lambda session: self.ran(session, claim)

    async def crash(self, claim: Claim) -> Conclusion:
        raise KeyError(claim.duty.about)

    async def wait(self, claim: Claim) -> Conclusion:
        await self.gate.wait()
        return lambda session: self.ran(session, claim)

    async def again(self, claim: Claim) -> Conclusion:
        return lambda session: self.ran(session, claim) or claim.due_at

    @staticmethod
    def ran(session: Session, claim: Claim) -> None:
        change = Change("payment", claim.duty.about, "", claim.duty.name, "ran", "")
        record(session, change, order_id="ord", at=claim.due_at)

    def owe(self, name: str, about: str = "x", *, at: datetime = AT) -> None:
        self.database.run_now(lambda session: store.owe(session, Duty(name, about, f"GW-{about}"), due_at=at))

    def done(self) -> list[str]:
        return self.database.read_now(lambda session: [line.resource_id for line in list_lines(session, "ord")])

    async def until(self, count: int) -> None:
        """Let the loop run until so many jobs have noted themselves; a test's own timeout ends the wait."""
        while len(self.done()) < count:  # noqa: ASYNC110  # it is the database that changes
            await asyncio.sleep(0)


@asynccontextmanager
async def bench(url: str = "sqlite://", *, virtual: bool = True) -> AsyncGenerator[Bench]:
    activity = Activity()
    clock = Clock(activity, virtual_from=AT if virtual else None)
    database = Database(url, inline=lambda: virtual)
    database.open()
    it = Bench(database, clock, activity)
    loop = asyncio.create_task(it.worker.loop())
    try:
        yield it
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await it.worker.stop()
        database.close()


async def ended(it: Bench) -> None:
    while it.worker.is_working:  # noqa: ASYNC110  # tasks without any wait of their own
        await asyncio.sleep(0)


async def test_on_a_virtual_clock_nothing_runs_by_itself() -> None:
    async with bench() as it:
        it.owe("note")
        for _ in range(50):
            await asyncio.sleep(0)
        assert it.done() == []
        assert it.keeper.next_due() == Due(AT, "job", "note", "GW-x")


async def test_a_job_counts_as_working_before_it_has_begun() -> None:
    async with bench() as it:
        it.owe("note")
        assert it.keeper.run_next() == Due(AT, "job", "note", "GW-x")
        assert it.keeper.activity.snapshot().running == 1
        await ended(it)
        assert (it.keeper.activity.snapshot().running, it.done()) == (0, ["x"])


async def test_nothing_is_run_before_its_instant() -> None:
    async with bench() as it:
        it.owe("note", at=AT + timedelta(seconds=1))
        assert it.keeper.run_next() is None
        it.keeper.clock.set(AT + timedelta(seconds=1))
        assert it.keeper.run_next() is not None


async def test_timers_come_before_jobs_of_the_same_instant() -> None:
    async with bench() as it:
        it.owe("note")

        async def sleep() -> None:
            with it.keeper.activity.working():
                await it.keeper.clock.sleep(0, purpose="a delay")

        sleeper = asyncio.create_task(sleep())
        await asyncio.sleep(0)
        names = [due.name for due in it.keeper.list_due(9)]
        assert names == ["a delay", "note"]
        first = it.keeper.run_next()
        await sleeper
        assert first is not None
        assert (first.kind, first.name) == ("timer", "a delay")


async def test_a_job_that_is_running_is_not_due() -> None:
    async with bench() as it:
        it.owe("wait")
        it.keeper.run_next()
        await asyncio.sleep(0)
        assert it.keeper.next_due() is None
        it.gate.set()
        await ended(it)
        assert it.done() == ["x"]


async def test_a_job_that_raises_is_named_and_owed_again() -> None:
    async with bench() as it:
        it.owe("crash")
        it.keeper.run_next()
        await ended(it)
        assert it.keeper.take_failures() == ["crash: KeyError: 'x'"]
        assert it.keeper.take_failures() == []
        due = it.keeper.next_due()
        assert due is not None
        assert due.at == AT + timedelta(seconds=1)


async def test_a_job_that_owes_itself_at_the_same_instant_is_due_again_and_has_a_name() -> None:
    async with bench() as it:
        it.owe("again")
        for _ in range(3):
            assert it.keeper.run_next() == Due(AT, "job", "again", "GW-x")
            await ended(it)
        assert it.done() == ["x"] * 3


async def test_the_effect_of_a_worker_that_lost_its_lease_is_not_applied() -> None:
    async with bench() as it:
        it.owe("wait")
        it.keeper.run_next()
        await asyncio.sleep(0)
        heir = Claimant("heir", wall_seconds=10.0**12)
        assert it.database.run_now(lambda session: store.claim_next(session, heir, now=AT)) is not None
        it.gate.set()
        await ended(it)
        assert it.done() == []


async def test_on_the_system_clock_what_is_due_runs_by_itself(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        for about in "abcdefgh":
            it.owe("note", about, at=LONG_AGO)
        await it.until(8)
        assert sorted(it.done()) == list("abcdefgh")


async def test_no_more_jobs_run_at_once_than_there_are_slots(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        for about in "abcdef":
            it.owe("wait", about, at=LONG_AGO)
        while it.keeper.activity.snapshot().running < 4:  # noqa: ASYNC110  # the worker's own loop moves it
            await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert it.keeper.activity.snapshot().running == 4
        it.gate.set()
        await it.until(6)


async def test_the_workers_loop_outlives_a_database_that_fails(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        it.database.close()
        it.worker.wake.set()
        for _ in range(20):
            await asyncio.sleep(0)
        it.database.open()
        it.owe("note", at=LONG_AGO)
        await it.until(1)


async def test_a_worker_that_is_stopped_leaves_its_jobs_owed() -> None:
    async with bench() as it:
        it.owe("wait")
        it.keeper.run_next()
        await asyncio.sleep(0)
        await it.worker.stop()
        await it.worker.take_over()
        assert it.keeper.next_due() == Due(AT, "job", "wait", "GW-x")


async def test_crashes_of_a_job_leave_its_schedule_unused() -> None:
    async with bench() as it:
        it.owe("crash")
        for _ in range(3):
            it.keeper.run_next()
            await ended(it)
            due = it.keeper.next_due()
            assert due is not None
            it.keeper.clock.set(due.at)
        job = it.worker.list_free(1)[0]
        assert (job.tries, job.crashes) == (0, 3)
        assert it.keeper.clock.now() == AT + timedelta(seconds=36)
