"""The engine, and the two ways in which units of work run: inline, and through the writer thread.

On a virtual clock and in memory units run inline in the loop's thread, so that a seed repeats a run. On the system
clock SQLite has one writer thread with group commit and a few readers. PostgreSQL is another engine behind this face.
"""

import asyncio
import fcntl
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel

from reference_server.changes import Aftermath
from reference_server.columns import read_json, store_json
from reference_server.errors import NotReadyError, SettingsError
from reference_server.executors import Conclude, T, Unit, WriterThread, carry_out

READERS = 4
# A writer of another process cannot be (the lock file), so only a reader's checkpoint is ever waited for.
BUSY_MS = 5_000


def aftermath_of(session: Session) -> Aftermath:
    """Return what the unit on this session leaves to be told after the commit."""
    aftermath = session.info["aftermath"]
    assert isinstance(aftermath, Aftermath)  # noqa: S101  # set by carry_out, nowhere else
    return aftermath


class Database:
    """`run` changes, `read` looks; both answer when it is so.

    `conclude` is the last part of each unit that changed an order; `tell` hears what each committed unit leaves behind.
    """

    def __init__(self, url: str, *, inline: Callable[[], bool]) -> None:
        self._path = make_url(url).database or ""
        self._inline = inline
        self._lock: IO[str] | None = None
        self._writer: WriterThread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self.engine = _create_engine(url, in_memory=self.is_in_memory)
        self.tell: Callable[[Aftermath], None] = lambda _: None
        self.conclude: Conclude = lambda session, aftermath: None

    @property
    def is_in_memory(self) -> bool:
        """Whether everything is lost with the process."""
        return self._path in {"", ":memory:"}

    @property
    def is_open(self) -> bool:
        """Whether units can run."""
        return self._readers is not None

    def open(self) -> None:
        """Take the lock, make the tables, start the threads. Raises `SettingsError` if another process has the file."""
        if not self.is_in_memory:
            self._lock = _take_lock(Path(self._path))
        SQLModel.metadata.create_all(self.engine)
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._writer = None if self.is_in_memory else WriterThread(self.engine, self.conclude)

    def close(self) -> None:
        """End the threads and give the lock back. Writes nothing of its own: a killed process comes out the same."""
        if self._writer is not None:
            self._writer.stop()
        if self._readers is not None:
            self._readers.shutdown()
        self._writer = self._readers = None
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def run(self, unit: Unit[T]) -> T:
        """Carry the unit out in one transaction and return when it is committed."""
        if self._writer is None or self._inline():
            return self.run_now(unit)
        done = await self._writer.run(unit)
        self.tell(done.aftermath)
        return done.result

    async def read(self, unit: Unit[T]) -> T:
        """Look at one moment's state. The unit changes nothing."""
        if self._readers is None or self.is_in_memory or self._inline():
            return self.read_now(unit)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, unit)

    def run_now(self, unit: Unit[T]) -> T:
        """Carry the unit out in the calling thread: only inline, at the start, and by whoever conducts."""
        self._require_open()
        with self.engine.begin() as connection:
            done = carry_out(connection, unit, self.conclude)
        self.tell(done.aftermath)
        return done.result

    def read_now(self, unit: Unit[T]) -> T:
        """Look in the calling thread."""
        self._require_open()
        with self.engine.connect() as connection:
            connection.execution_options(reading=True)
            with connection.begin(), Session(connection, expire_on_commit=False) as session:
                return unit(session)

    def _require_open(self) -> None:
        if not self.is_open:
            raise NotReadyError("the server is not started, or is stopping")


def _create_engine(url: str, *, in_memory: bool) -> Engine:
    shared = {"check_same_thread": False}
    json = {"json_serializer": store_json, "json_deserializer": read_json}
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args=shared, **json)
    else:
        engine = create_engine(url, pool_size=READERS + 2, connect_args=shared, **json)
    # Else the text of an error, which goes into the log, has the values of its statement.
    engine.hide_parameters = True
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    # The driver's own BEGIN would be DEFERRED: its upgrade from reading to writing fails at once under load,
    # whatever the busy timeout says (measured: 1,882 of 2,000 units).
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    is_reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _take_lock(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Held open for the life of the database: the operating system gives it back when the process dies.
    lock = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SettingsError(
            f"DATABASE_URL: {path} is in use by another process. SQLite serves one; for several use PostgreSQL"
        ) from None
    return lock
