"""The worker on both clocks: what runs when, what a job that raises costs, and whose effects count."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.audit import list_lines, record
from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.incarnation import Incarnation
from reference_server.jobs import registry, store
from reference_server.jobs.figures import read_figures
from reference_server.jobs.heart import Heart, HeartTerms
from reference_server.jobs.queues import Queue
from reference_server.jobs.store import Claim, Claimant, Duty
from reference_server.jobs.worker import Conclusion, Worker
from reference_server.timekeeper import Due, Timekeeper
from tests.reference_server.engine import placed_url

AT = datetime(2030, 1, 1, tzinfo=UTC)
# Over on every machine that runs this.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Bench:
    """A worker with jobs that note in the audit trail that they ran."""

    def __init__(self, database: Database, clock: Clock, activity: Activity) -> None:
        self.database = database
        self.worker = Worker(database, clock, activity=activity, name="me", slots=4)
        self.worker.functions = {
            "note": self.note,
            "acquire_payment": self.note,
            "wait": self.wait,
            "deliver_webhook": self.wait,
            "crash": self.crash,
            "again": self.again,
            "refuse": self.refuse,
        }
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

    async def refuse(self, claim: Claim) -> Conclusion:
        def conclude(session: Session) -> None:
            self.ran(session, claim)
            raise KeyError(claim.duty.about)

        return conclude

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
    database = Database(placed_url(url), inline=lambda: virtual)
    database.open()
    it = Bench(database, clock, activity)
    loop = asyncio.create_task(it.worker.loop())
    try:
        yield it
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await it.worker.stop()
        await database.finish()
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


async def test_whoever_is_woken_by_a_conclusion_finds_its_duty_running_no_more(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        committed = asyncio.Event()
        it.database.tell = lambda aftermath: committed.set() if it.done() else None
        it.owe("note", at=LONG_AGO)
        it.worker.wake.set()
        await committed.wait()
        # Owed again by then, it would else be left alone until the worker looks by itself.
        assert it.worker.claimant().running == ()


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


async def test_a_conclusion_that_raises_undoes_itself_and_nothing_of_its_neighbours(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:

        def unit(session: Session) -> None:
            for name, about in (("note", "a"), ("refuse", "b"), ("note", "c"), ("note", "d")):
                store.owe(session, Duty(name, about, f"GW-{about}"), due_at=LONG_AGO)

        it.database.run_now(unit)
        await it.until(3)
        await ended(it)
        assert (sorted(it.done()), it.worker.take_failures()) == (["a", "c", "d"], ["refuse: KeyError: 'b'"])
        assert [(job.about, job.crashes, job.lease_owner) for job in it.worker.list_free(9)] == [("b", 1, None)]


async def test_jobs_that_never_end_keep_no_other_queue_waiting(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        for about in "abcdefgh":
            it.owe("deliver_webhook", about, at=LONG_AGO)
        for about in "pqrstuvw":
            it.owe("acquire_payment", about, at=LONG_AGO)
        await it.until(8)
        assert sorted(it.done()) == list("pqrstuvw")
        it.gate.set()
        await it.until(16)


async def test_deliveries_that_hang_keep_no_healthy_one_waiting(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:

        async def deliver(claim: Claim) -> Conclusion:
            return await (it.note(claim) if claim.duty.about == "healthy" else it.wait(claim))

        it.worker.functions = {"deliver_webhook": deliver}
        for about in "abcd":
            it.owe("deliver_webhook", about, at=LONG_AGO)
        while it.keeper.activity.snapshot().running < 4:  # noqa: ASYNC110  # the worker's own loop moves it
            await asyncio.sleep(0)
        it.owe("deliver_webhook", "healthy", at=LONG_AGO)
        await it.until(1)
        assert it.done() == ["healthy"]
        it.gate.set()
        await it.until(5)


async def test_a_worker_that_stops_in_good_order_lets_end_what_ends_soon(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        it.owe("wait", at=LONG_AGO)
        while not it.worker.is_working:  # noqa: ASYNC110  # the worker's own loop begins it
            await asyncio.sleep(0)
        stopping = asyncio.create_task(it.worker.stop(grace_seconds=60))
        await asyncio.sleep(0)
        it.owe("note", "later", at=LONG_AGO)
        it.gate.set()
        await stopping
        # It may have been claimed already, and is handed back then.
        await it.worker.hand_back()
        assert (it.done(), [job.about for job in it.worker.list_free(9)]) == (["x"], ["later"])


async def test_runs_are_counted_as_they_ended() -> None:
    async with bench() as it:
        for name in ("note", "crash", "acquire_payment"):
            it.owe(name)
            it.keeper.run_next()
            await ended(it)
        figures = it.database.read_now(lambda session: read_figures(session, AT, wall=it.keeper.clock.wall())).queues
        counted = [(figures[queue].completed, figures[queue].failed) for queue in (Queue.OTHER, Queue.PAYMENT)]
        assert counted == [(1, 1), (1, 0)]


def heart_of(it: Bench) -> Heart:
    async def heed(remembered: Incarnation) -> None:
        """Nobody here keeps anything in mind."""

    return Heart(it.worker, it.database, it.keeper.clock, terms=HeartTerms(True, (), heed))


async def test_a_heartbeat_keeps_the_leases_of_what_runs(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        heart = heart_of(it)
        await heart.start()
        it.owe("wait", at=LONG_AGO)
        while not it.worker.is_working:  # noqa: ASYNC110  # the worker's own loop begins it
            await asyncio.sleep(0)
        it.database.run_now(lambda session: store.extend(session, replace(it.worker.claimant(), wall_seconds=0.0)))
        everybody = Claimant("looks", it.keeper.clock.wall().timestamp())
        lapsed = it.database.read_now(lambda session: store.list_free(session, everybody, limit=9))
        await heart.beat()
        held = it.database.read_now(lambda session: store.list_free(session, everybody, limit=9))
        await heart.stop()
        assert ([job.name for job in lapsed], held) == (["wait"], [])


async def test_a_worker_whose_name_another_has_taken_begins_no_more_jobs(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        first, second = heart_of(it), heart_of(it)
        await first.start()
        await second.start()
        await first.beat()
        it.owe("note", at=LONG_AGO)
        for _ in range(200):
            await asyncio.sleep(0)
        await first.stop()
        await second.stop()
        assert [job.name for job in it.worker.list_free(9)] == ["note"]


async def test_a_worker_that_was_taken_for_dead_signs_on_again(tmp_path: Path) -> None:
    async with bench(f"sqlite:///{tmp_path}/a.db", virtual=False) as it:
        heart = heart_of(it)
        await heart.start()
        later = it.keeper.clock.wall() + timedelta(hours=1)
        assert it.database.run_now(lambda session: registry.strike_out_dead(session, wall=later)) == ["me"]
        await heart.beat()
        await heart.stop()
        assert it.database.read_now(lambda session: registry.is_signed_on(session, "me"))
        it.owe("note", at=LONG_AGO)
        await it.until(1)
