"""The tables of what is owed, of who runs it, and of how much was run. What a duty did is in the audit trail."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, Table
from sqlmodel import Field, SQLModel, UniqueConstraint

from reference_server.columns import Instant, Row

# SQLite counts up only a key that is declared INTEGER, which has 64 bits there anyway.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")


class Job(Row, table=True):
    """One duty; the row lives until it is done.

    `due_at` is on the product's clock; the lease is on the machine's, in seconds since the epoch. A name and what it
    is `about` make one duty, so that owing it twice is owing it once. `subject` is for people: the merchant's order
    id. `fence` grows with each claim; whoever holds an older one has lost the lease.
    """

    # Claims walk the index from its beginning: what is leased stands there too, and is never many.
    __table_args__ = (UniqueConstraint("name", "about"), Index("ix_jobs_due_at_id", "due_at", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=_COUNTED)
    name: str
    about: str
    subject: str
    due_at: datetime = Field(sa_type=Instant)
    tries: int = 0
    # How often in a row it raised or its worker died: a bug of ours must not use up the schedule of `tries`.
    crashes: int = 0
    owed_again: bool = False
    fence: int = Field(default=0, sa_type=BigInteger)
    lease_owner: str | None = Field(default=None, index=True)
    lease_until: float = 0.0


class JobWorker(Row, table=True):
    """A process that may hold leases. Instants are the machine's."""

    name: str = Field(primary_key=True)
    # Counts the starts under this name: whoever finds a later one than its own has a successor.
    term: int = 1
    runs_jobs: bool
    # On a virtual clock nobody beats: whoever conducts runs the jobs, and nothing happens by itself.
    beats: bool
    started_at: datetime = Field(sa_type=Instant)
    heartbeat_at: datetime = Field(sa_type=Instant)


class JobCount(Row, table=True):
    """How many runs ended so. A row for each worker, which nobody else writes; those of the dead are added up in ''."""

    worker: str = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    runs: int = Field(default=0, sa_type=BigInteger)


def table_of(row: type[Row]) -> Table:
    """Return the table itself: what is owed goes through it without the ORM, which costs three times as much."""
    return SQLModel.metadata.tables[row.__tablename__]
