"""Which processes may hold leases, when each was last heard of, and how much they have run; all as units of work."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from reference_server.jobs.model import JobCount, JobWorker, table_of
from reference_server.jobs.queues import Queue

# Its leases have long lapsed by then; only its name is still in the figures.
DEAD_AFTER = timedelta(minutes=1)
# Nobody hears of those on a virtual clock: a test that long ended.
FORGOTTEN_AFTER = timedelta(days=1)
# Whose runs are added up once they are gone.
NOBODY = ""

_WORKER, _COUNT = table_of(JobWorker), table_of(JobCount)


class Outcome(Enum):
    """How a run ended; the words of the figures."""

    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Registration:
    """A process as it signs on; `beats` is false on a virtual clock."""

    name: str
    runs_jobs: bool
    beats: bool


Runs = Mapping[tuple[Queue, Outcome], int]


def sign_on(session: Session, new: Registration, *, wall: datetime) -> int:
    """Enter it, in place of a predecessor of its name. Returns its term."""
    connection = session.connection()
    values = {"runs_jobs": new.runs_jobs, "beats": new.beats, "started_at": wall, "heartbeat_at": wall}
    entry = _INSERT[connection.dialect.name](_WORKER).values(name=new.name, term=1, **values)
    succeeding = {**values, "term": _WORKER.c.term + 1}
    entered = entry.on_conflict_do_update(index_elements=["name"], set_=succeeding).returning(_WORKER.c.term)
    return int(connection.execute(entered).scalar_one())


def beat(session: Session, name: str, *, term: int, wall: datetime) -> bool:
    """Note that it lives. False where another has signed on under its name, or it was taken for dead and is gone."""
    own = and_(_WORKER.c.name == name, _WORKER.c.term == term)
    beaten = update(_WORKER).where(own).values(heartbeat_at=wall).returning(_WORKER.c.term)
    return session.connection().execute(beaten).scalar() is not None


def is_signed_on(session: Session, name: str) -> bool:
    """Say whether a worker of that name is entered, whoever it is."""
    return session.connection().execute(select(_WORKER.c.name).where(_WORKER.c.name == name)).first() is not None


def sign_off(session: Session, name: str, *, term: int) -> None:
    """Strike it out; what it ran stays counted."""
    own = and_(_WORKER.c.name == name, _WORKER.c.term == term)
    if session.connection().execute(delete(_WORKER).where(own).returning(_WORKER.c.name)).scalar() is not None:
        _add_up(session, name)


def strike_out_dead(session: Session, *, wall: datetime) -> list[str]:
    """Strike out whoever has been silent for long. Returns their names."""
    is_silent = and_(_WORKER.c.beats, _WORKER.c.heartbeat_at < wall - DEAD_AFTER)
    is_forgotten = _WORKER.c.heartbeat_at < wall - FORGOTTEN_AFTER
    struck = delete(_WORKER).where(is_silent | is_forgotten).returning(_WORKER.c.name)
    names = list(session.connection().execute(struck).scalars())
    for name in names:
        _add_up(session, name)
    return names


def count_runs(session: Session, worker: str, runs: Runs) -> None:
    """Count how runs ended, in the transaction that says so."""
    insert = _INSERT[session.connection().dialect.name]
    for (queue, outcome), count in runs.items():
        new = insert(_COUNT).values(worker=worker, queue=queue.value, outcome=outcome.value, runs=count)
        more = {"runs": _COUNT.c.runs + count}
        session.connection().execute(
            new.on_conflict_do_update(index_elements=["worker", "queue", "outcome"], set_=more)
        )


def machine_seconds(session: Session) -> float | None:
    """Return the instant of the machine that all lease holders can see; None where there is only one machine."""
    if session.connection().dialect.name != "postgresql":
        return None
    return float(session.connection().execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def _add_up(session: Session, worker: str) -> None:
    gone = delete(_COUNT).where(_COUNT.c.worker == worker)
    rows = session.connection().execute(gone.returning(_COUNT.c.queue, _COUNT.c.outcome, _COUNT.c.runs))
    runs: Counter[tuple[Queue, Outcome]] = Counter()
    for queue, outcome, count in rows:
        runs[Queue(queue), Outcome(outcome)] += count
    count_runs(session, NOBODY, runs)


_INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
