"""Deletes by age what nobody needs any more, a bounded part at a time. Which rows, and how old, their rooms say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, true, tuple_
from sqlmodel import Session

from reference_server.columns import Row
from reference_server.database import Database
from reference_server.jobs.model import table_of

# Each part is a transaction of its own, so that nobody waits for long.
PART = 500


@dataclass(frozen=True, slots=True)
class Purge:
    """Rows that are of no use `age` after the instant in their column `since`; `where` says which, if not all."""

    row: type[Row]
    since: str
    age: timedelta
    where: ColumnElement[bool] | None = None


async def purge_all(database: Database, purges: Iterable[Purge], *, now: datetime) -> dict[str, int]:
    """Delete what is too old at the product's `now`. Returns how many rows of each table."""
    gone: dict[str, int] = {}
    for purge in purges:
        while (count := await database.run(lambda session, purge=purge: purge_part(session, purge, now=now))) > 0:
            gone[purge.row.__tablename__] = gone.get(purge.row.__tablename__, 0) + count
            if count < PART:
                break
    return gone


def purge_part(session: Session, purge: Purge, *, now: datetime) -> int:
    """Delete at most `PART` rows and return how many."""
    table = table_of(purge.row)
    key = tuple_(*table.primary_key) if len(table.primary_key) > 1 else next(iter(table.primary_key))
    is_old = table.c[purge.since] < now - purge.age
    wanted = select(*table.primary_key).where(is_old, true() if purge.where is None else purge.where)
    part = wanted.limit(PART).with_for_update(skip_locked=True)
    found = [tuple(row) for row in session.connection().execute(part)]
    keys = found if len(table.primary_key) > 1 else [row[0] for row in found]
    if keys:
        session.connection().execute(delete(table).where(key.in_(keys)))
    return len(keys)
