"""What is owed, counted by queue, and who works at it: for the queue operations, the metrics and the health answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, func, text
from sqlmodel import Session, select

from reference_server.jobs.model import Job, JobCount, JobWorker, table_of
from reference_server.jobs.queues import Queue, queue_of

# A worker beats twice a second; whoever has been silent for longer than a lease is dead or cut off.
ALIVE = timedelta(seconds=3)

_JOB, _COUNT = table_of(Job), table_of(JobCount)


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """One queue at one moment; `completed` and `failed` have been counted since the store was made.

    `waiting` is due and nobody is at it, `delayed` is not due yet, `active` is being run. `failed` counts runs that
    raised; each of them is owed again. `oldest_due_at` is the instant of what has been waiting longest.
    """

    waiting: int = 0
    active: int = 0
    delayed: int = 0
    completed: int = 0
    failed: int = 0
    oldest_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """A process that may run jobs. On a virtual clock none beats: whoever conducts runs the jobs, and it is alive."""

    name: str
    runs_jobs: bool
    is_alive: bool
    active: int
    started_at: datetime
    heartbeat_at: datetime


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Every queue, in the order of the enum, those without a job too; and every worker by name."""

    queues: dict[Queue, QueueCounts] = field(default_factory=dict[Queue, QueueCounts])
    workers: tuple[WorkerFigures, ...] = ()

    @property
    def is_worked(self) -> bool:
        """Whether somebody alive runs jobs."""
        return any(worker.runs_jobs and worker.is_alive for worker in self.workers)


def read_figures(session: Session, now: datetime, *, wall: datetime) -> QueueFigures:
    """Count what is owed at the product's `now`, and say who is alive at the machine's `wall`."""
    queues = {queue: QueueCounts() for queue in Queue}
    for name, state, jobs, first in session.connection().execute(_states(now, wall)):
        queues[queue_of(name)] = _with_jobs(queues[queue_of(name)], state, jobs=jobs, first=first)
    outcomes = select(_COUNT.c.queue, _COUNT.c.outcome, func.sum(_COUNT.c.runs)).group_by(*_COUNT.c["queue", "outcome"])
    for queue, outcome, runs in session.connection().execute(outcomes):
        queues[Queue(queue)] = replace(queues[Queue(queue)], **{outcome: int(runs)})
    return QueueFigures(queues, read_workers(session, wall=wall))


def read_workers(session: Session, *, wall: datetime) -> tuple[WorkerFigures, ...]:
    """Say who is alive at the machine's `wall`; costs the same however much is owed."""
    return tuple(_workers(session, wall))


def _states(now: datetime, wall: datetime) -> Select[str, str, int, datetime]:
    is_leased = and_(_JOB.c.lease_owner.is_not(None), _JOB.c.lease_until > wall.timestamp())
    state = case((is_leased, "active"), (_JOB.c.due_at <= now, "waiting"), else_="delayed").label("state")
    return select(_JOB.c.name, state, func.count(), func.min(_JOB.c.due_at)).group_by(_JOB.c.name, text("state"))


def _with_jobs(counts: QueueCounts, state: str, *, jobs: int, first: datetime) -> QueueCounts:
    if state == "active":
        return replace(counts, active=counts.active + jobs)
    if state == "delayed":
        return replace(counts, delayed=counts.delayed + jobs)
    oldest = first if counts.oldest_due_at is None else min(first, counts.oldest_due_at)
    return replace(counts, waiting=counts.waiting + jobs, oldest_due_at=oldest)


def _workers(session: Session, wall: datetime) -> Iterator[WorkerFigures]:
    # What nobody holds is most of the table, and not in the way of the index.
    held = select(_JOB.c.lease_owner, func.count()).where(_JOB.c.lease_owner.is_not(None))
    held = held.where(_JOB.c.lease_until > wall.timestamp())
    active = dict(session.connection().execute(held.group_by(_JOB.c.lease_owner)).all())
    for one in session.exec(select(JobWorker).order_by(JobWorker.name)):
        yield WorkerFigures(
            name=one.name,
            runs_jobs=one.runs_jobs,
            is_alive=not one.beats or wall - one.heartbeat_at <= ALIVE,
            active=active.get(one.name, 0),
            started_at=one.started_at,
            heartbeat_at=one.heartbeat_at,
        )
