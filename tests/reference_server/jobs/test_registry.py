"""Who runs jobs, who is dead, what was run, and what the figures say of it; on both engines."""

from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session

from reference_server.database import Database
from reference_server.jobs import registry, store
from reference_server.jobs.figures import QueueCounts, QueueFigures, read_figures
from reference_server.jobs.queues import Queue
from reference_server.jobs.registry import Outcome, Registration
from reference_server.jobs.store import Claimant, Duty
from tests.reference_server.engine import placed_url

T = TypeVar("T")
AT = datetime(2030, 1, 1, tzinfo=UTC)
WALL = datetime(2026, 1, 1, tzinfo=UTC)
PAYMENT, WEBHOOK = Queue.PAYMENT, Queue.WEBHOOK


class Registry:
    """A database with the units that tests ask of it."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, inline=lambda: True)
        self.database.open()

    def do(self, unit: Callable[[Session], T]) -> T:
        return self.database.run_now(unit)

    def sign_on(self, name: str, *, after: timedelta = timedelta(), beats: bool = True, runs_jobs: bool = True) -> int:
        new = Registration(name, runs_jobs, beats)
        return self.do(lambda session: registry.sign_on(session, new, wall=WALL + after))

    def beat(self, name: str, *, term: int, after: timedelta) -> bool:
        return self.do(lambda session: registry.beat(session, name, term=term, wall=WALL + after))

    def count(self, worker: str, queue: Queue, outcome: Outcome, runs: int) -> None:
        self.do(lambda session: registry.count_runs(session, worker, Counter({(queue, outcome): runs})))

    def strike_out(self, *, after: timedelta) -> list[str]:
        return self.do(lambda session: registry.strike_out_dead(session, wall=WALL + after))

    def figures(self, *, after: timedelta = timedelta()) -> QueueFigures:
        return self.do(lambda session: read_figures(session, AT, wall=WALL + after))


@pytest.fixture(params=["sqlite", "postgresql"])
def it(request: pytest.FixtureRequest) -> Generator[Registry]:
    """Return a registry on each engine."""
    url: str = placed_url("sqlite://") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    there = Registry(url)
    yield there
    there.database.close()


def test_a_successor_of_the_same_name_has_a_later_term_and_the_predecessor_is_told(it: Registry) -> None:
    first, second = it.sign_on("a"), it.sign_on("a")
    assert (it.beat("a", term=first, after=timedelta()), it.beat("a", term=second, after=timedelta())) == (False, True)
    assert it.do(lambda session: registry.is_signed_on(session, "a"))
    it.do(lambda session: registry.sign_off(session, "a", term=first))
    assert len(it.figures().workers) == 1


def test_whoever_is_silent_is_not_alive_and_then_struck_out(it: Registry) -> None:
    it.sign_on("silent")
    term = it.sign_on("lives")
    told: list[tuple[list[str], list[str]]] = []
    for seconds in (2, 4, 59, 61):
        it.beat("lives", term=term, after=timedelta(seconds=seconds))
        alive = [one.name for one in it.figures(after=timedelta(seconds=seconds)).workers if one.is_alive]
        told.append((alive, it.strike_out(after=timedelta(seconds=seconds))))
    both, one = ["lives", "silent"], ["lives"]
    assert told == [(both, []), (one, []), (one, []), (one, ["silent"])]
    assert [worker.name for worker in it.figures().workers] == one


def test_whoever_is_conducted_on_a_virtual_clock_is_alive_until_nobody_knows_it_any_more(it: Registry) -> None:
    it.sign_on("conducted", beats=False)
    assert it.figures(after=timedelta(hours=20)).is_worked
    assert it.strike_out(after=timedelta(hours=20)) == []
    assert it.strike_out(after=timedelta(hours=25)) == ["conducted"]


def test_a_process_that_runs_no_jobs_is_no_worker(it: Registry) -> None:
    it.sign_on("api", runs_jobs=False)
    assert not it.figures().is_worked
    it.sign_on("worker")
    assert it.figures().is_worked


def test_what_was_run_stays_counted_when_whoever_ran_it_is_gone(it: Registry) -> None:
    term = it.sign_on("stops")
    it.sign_on("dies")
    for worker, runs in (("stops", 3), ("dies", 4), ("dies", 1)):
        it.count(worker, PAYMENT, Outcome.COMPLETED, runs)
    it.count("dies", WEBHOOK, Outcome.FAILED, 2)
    before = it.figures().queues
    it.do(lambda session: registry.sign_off(session, "stops", term=term))
    it.strike_out(after=timedelta(hours=1))
    assert it.figures().queues == before
    assert (before[PAYMENT].completed, before[WEBHOOK].failed, it.figures().workers) == (8, 2, ())


def test_jobs_are_counted_by_queue_and_by_what_becomes_of_them(it: Registry) -> None:
    kinds = [("acquire_payment", -2), ("expire_session", -1), ("reconcile_payment", 5), ("send_refund", 0), ("x", 1)]
    for name, minutes in kinds:
        duty = Duty(name, name, "")
        it.do(lambda session, duty=duty, at=AT + timedelta(minutes=minutes): store.owe(session, duty, due_at=at))
    it.sign_on("me")
    me = Claimant("me", WALL.timestamp())
    it.do(lambda session: store.claim_next(session, me, now=AT))
    figures = it.figures()
    assert figures.queues == {
        PAYMENT: QueueCounts(waiting=1, active=1, delayed=1, oldest_due_at=AT - timedelta(minutes=1)),
        Queue.REFUND: QueueCounts(waiting=1, oldest_due_at=AT),
        WEBHOOK: QueueCounts(),
        Queue.OTHER: QueueCounts(delayed=1),
    }
    assert [(one.name, one.active) for one in figures.workers] == [("me", 1)]
    # Its lease has lapsed: nobody is at it.
    assert it.figures(after=timedelta(seconds=2)).queues[PAYMENT].waiting == 2
