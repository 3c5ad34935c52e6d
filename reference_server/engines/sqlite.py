"""SQLite behind the database's face: one process by a lock file, one writer thread with group commit, a few readers."""

import asyncio
import fcntl
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reference_server.columns import read_json, store_json
from reference_server.errors import InUseError, NotReadyError, SettingsError
from reference_server.executors import Conclude, Done, T, Unit, WriterThread, carry_out

READERS = 4
# A writer of another process cannot be (the lock file), so only a reader's checkpoint is ever waited for.
BUSY_MS = 5_000


class Sqlite:
    """Units of one file, or of memory, where they run in the calling thread."""

    def __init__(self, url: URL, conclude: Conclude) -> None:
        self._path = url.database or ""
        self._conclude = conclude
        self._lock: IO[str] | None = None
        self._writer: WriterThread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self.engine = _create_engine(url, in_memory=self.is_in_memory)

    @property
    def is_in_memory(self) -> bool:
        """Whether everything is lost with the process."""
        return self._path in {"", ":memory:"}

    @property
    def is_open(self) -> bool:
        """Whether units can run."""
        return self._readers is not None

    def open(self) -> None:
        """Take the lock and start the threads. Raises `InUseError`; `SettingsError` for what is no database."""
        if not self.is_in_memory:
            self._lock = _take_lock(Path(self._path))
            self._look_into_it()
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._writer = None if self.is_in_memory else WriterThread(self.engine, self._conclude)

    def close(self) -> None:
        """End the threads and give the lock back."""
        if self._writer is not None:
            self._writer.stop()
        if self._readers is not None:
            self._readers.shutdown()
        self._writer = self._readers = None
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _look_into_it(self) -> None:
        try:
            self.engine.connect().close()
        except DBAPIError as error:
            self.close()
            raise SettingsError(f"DATABASE_URL: {self._path} cannot be opened ({error.orig})") from None

    def rebuild(self, work: Callable[[Connection], T]) -> T:
        """Change the tables themselves, in one transaction."""
        with self.engine.connect() as connection:
            raw = connection.connection.cursor()
            # A table that is altered is made anew: dropping the old one would take with it whatever refers to it. Not
            # possible within a transaction.
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                return _rebuild(connection, work)
            finally:
                raw.execute("PRAGMA foreign_keys=ON")
                raw.close()

    async def run(self, unit: Unit[T]) -> Done[T]:
        """Carry the unit out in the writer thread, in one commit with what has gathered there."""
        return self.run_now(unit) if self._writer is None else await self._writer.run(unit)

    async def scrub(self) -> None:
        """Write the file anew, without what was deleted or overwritten in it, and empty its log."""
        if self._writer is not None:
            await self._writer.run_alone(_scrub)

    def scrub_now(self) -> None:
        """Do so in the calling thread."""
        if not self.is_in_memory:
            _scrub(self.engine)

    async def read(self, unit: Unit[T]) -> T:
        """Look in a reader's thread, beside the writer."""
        if self._readers is None or self.is_in_memory:
            return self.read_now(unit)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, unit)

    def run_now(self, unit: Unit[T]) -> Done[T]:
        """Carry the unit out in the calling thread."""
        with self.engine.begin() as connection:
            return carry_out(connection, unit, self._conclude)

    def read_now(self, unit: Unit[T]) -> T:
        """Look in the calling thread."""
        with self.engine.connect() as connection:
            connection.execution_options(reading=True)
            with connection.begin(), Session(connection, expire_on_commit=False) as session:
                return unit(session)


def _create_engine(url: URL, *, in_memory: bool) -> Engine:
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


def _rebuild(connection: Connection, work: Callable[[Connection], T]) -> T:
    with connection.begin():
        result = work(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise SettingsError(f"DATABASE_URL: rows of {broken[0][0]} would refer to nothing")
        return result


def _take_lock(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Held open for the life of the database: the operating system gives it back when the process dies.
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise SettingsError(f"DATABASE_URL: {path} cannot be written ({error.strerror})") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise InUseError(
            f"DATABASE_URL: {path} is in use by another process. SQLite serves one; for several use PostgreSQL"
        ) from None
    return lock


def _scrub(engine: Engine) -> None:
    # Deleted bytes stay in free pages, and within pages. PRAGMA secure_delete, which some builds have on, leaves some
    # of those all the same (tried: 4 of 778,546). A file that is written anew holds what is there and nothing else.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        # The log has the old pages until it is cut; it is not while somebody reads in it.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = cursor.fetchone() != (0, 0, 0)
        cursor.close()
    finally:
        raw.close()
    if is_busy:
        raise NotReadyError("somebody reads in the database's log; it is emptied later")
