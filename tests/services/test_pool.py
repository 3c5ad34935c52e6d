"""How many connections one process may have to PostgreSQL: as many as DATABASE_POOL says, twenty unless it is set."""

import asyncio

import pytest
from sqlalchemy import text
from sqlmodel import Session

from reference_server.database import Database
from reference_server.settings import Settings

UNITS = 60


def connection_of(session: Session) -> int:
    """Return the process of PostgreSQL that serves this unit."""
    return int(session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one())


@pytest.mark.parametrize("size", [1, 4])
async def test_however_many_units_come_at_once_the_pool_holds_no_more_connections(postgres_url: str, size: int) -> None:
    database = Database(postgres_url, inline=lambda: False, pool=size)
    database.open()
    try:
        used = await asyncio.gather(*(database.run(connection_of) for _ in range(UNITS)))
    finally:
        await database.finish()
        database.close()
    assert len(set(used)) == size


def test_unless_it_is_set_the_pool_holds_twenty() -> None:
    assert Settings().database_pool == 20
