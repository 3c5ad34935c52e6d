"""Which engine the servers of a test run on: SQLite as they say, or PostgreSQL with Redis in the place of it.

Every test takes its database from here, so that the same test is run on both; `of_sqlite.py` names those that do not.
"""

import sqlite3
from collections.abc import Generator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import Pool
from sqlmodel import Session, update

from reference_server.database import Database
from reference_server.idempotency.model import IdempotencyKey
from reference_server.settings import Settings
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import RedisServer

IN_MEMORY = "sqlite://"
# The name of the one worker that a file of SQLite has: who starts again under it takes over at once, on both engines.
WORKER = "server"

Stack = ExitStack | AsyncExitStack


@dataclass(frozen=True, slots=True)
class Store:
    """A database with the Redis beside it, by their URLs."""

    database: str
    redis: str


@dataclass
class Services:
    """What stands in for every SQLite; `stores` counts how often it did."""

    postgres: PostgresServer
    redis: RedisServer
    stores: int = 0

    def open_store(self, until: Stack) -> Store:
        """Return an empty one, which is free again when the stack ends."""
        self.stores += 1
        redis = until.enter_context(self.redis.emptied_database())
        return Store(until.enter_context(self.postgres.emptied_database()), redis)


@dataclass
class _Here:
    """One test, on SQLite where there are no services: what it said that it opens, and what it opened besides."""

    services: Services | None
    ends: ExitStack
    stores: dict[str, Store] = field(default_factory=dict[str, Store])
    named: set[str] = field(default_factory=set[str])
    strays: list[str] = field(default_factory=list[str])

    def store_for(self, services: Services, url: str, until: Stack | None) -> Store:
        """Return a new one for each SQLite in memory, and for each file the one that stays."""
        if url == IN_MEMORY or until is not None:
            return services.open_store(until or self.ends)
        if url not in self.stores:
            self.stores[url] = services.open_store(self.ends)
        return self.stores[url]


_tests: list[_Here] = []


@contextmanager
def one_test(services: Services | None = None) -> Generator[list[str]]:
    """Let whatever is staged within the block run on the services, if there are any.

    Yields the SQLite databases that were opened without having been asked for here.
    """
    with ExitStack() as ends:
        here = _Here(services, ends)
        _tests.append(here)
        try:
            yield here.strays
        finally:
            _tests.remove(here)


def placed(settings: Settings, *, until: Stack | None = None) -> Settings:
    """Return the settings with the store that is meant here and now, which ends with the test or with `until`."""
    store = _find_store(settings.database_url, until)
    if store is None:
        return settings
    redis_url = settings.redis_url if settings.redis_address else SecretStr(store.redis)
    worker_name = settings.worker_name or WORKER
    return settings.model_copy(
        update={"database_url": store.database, "redis_url": redis_url, "worker_name": worker_name}
    )


def placed_url(url: str, *, until: Stack | None = None) -> str:
    """Return the URL of the database that is meant here and now, which ends with the test or with `until`."""
    store = _find_store(url, until)
    return url if store is None else store.database


def outlast_leases(database: Database) -> None:
    """Let whoever held the idempotency key of a request count as dead, as half a minute of the machine's time does."""

    def unit(session: Session) -> None:
        session.connection().execute(update(IdempotencyKey).values(lease_until=0))

    database.run_now(unit)


def _find_store(url: str, until: Stack | None) -> Store | None:
    if not _tests or not url.startswith("sqlite"):
        return None
    here = _tests[-1]
    if here.services is None:
        here.named.add(_file_of(make_url(url).database))
        return None
    return here.store_for(here.services, url, until)


@event.listens_for(Pool, "connect")
def _note_strays(connection: object, _: object) -> None:
    if not _tests or not isinstance(connection, sqlite3.Connection):
        return
    ((_, _, path),) = connection.execute("PRAGMA database_list").fetchall()
    if _file_of(path) not in _tests[-1].named:
        _tests[-1].strays.append(path or "one in memory")


def _file_of(path: str | None) -> str:
    return str(Path(path).resolve()) if path and path != ":memory:" else ""
