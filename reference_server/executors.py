"""Carrying out units of work: one session on one open transaction, and the one writer thread with its group commit.

A unit is a plain `def unit(session) -> T`: it cannot await, so no transaction is ever open across a network call.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm.session import JoinTransactionMode
from sqlmodel import Session

from reference_server.changes import Aftermath

T = TypeVar("T")
Unit = Callable[[Session], T]
Conclude = Callable[[Session, Aftermath], None]

# Enough to share one fsync among many, few enough that the first of them does not wait for long.
GROUP_MAX = 64


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A unit's result with its aftermath; true only once the transaction around it is committed."""

    result: T
    aftermath: Aftermath


def carry_out(connection: Connection, unit: Unit[T], conclude: Conclude, *, alone: bool = False) -> Done[T]:
    """Run one unit in a savepoint of the connection's transaction; whatever it raises undoes it alone.

    `conclude` is the unit's last part where it changed an order. `alone` says that the transaction is this unit's own,
    which spares the savepoint.
    """
    if alone:
        return _carry_out_in_session(connection, unit, conclude, mode="rollback_only")
    # Past SQLAlchemy: only SQLite's units share a transaction, and around each statement it does thrice its work.
    driver: Any = connection.connection.driver_connection
    driver.execute("SAVEPOINT unit")
    try:
        done = _carry_out_in_session(connection, unit, conclude, mode="create_savepoint")
    except BaseException:
        # Where the engine has rolled back everything there is no such savepoint any more: whoever called looks.
        with suppress(sqlite3.Error):
            driver.execute("ROLLBACK TO unit")
            driver.execute("RELEASE unit")
        raise
    driver.execute("RELEASE unit")
    return done


class _UnitSession(Session):
    """Hands the unit's connection out as it stands: the ORM's own savepoint (100 µs) is for those who use the ORM."""

    def connection(self, bind_arguments: object = None, execution_options: object = None) -> Connection:
        connection = self.bind
        assert isinstance(connection, Connection)  # noqa: S101  # made below, nowhere else
        return connection


def _carry_out_in_session(
    connection: Connection, unit: Unit[T], conclude: Conclude, *, mode: JoinTransactionMode
) -> Done[T]:
    with _UnitSession(connection, join_transaction_mode=mode, expire_on_commit=False) as session:
        aftermath = session.info["aftermath"] = Aftermath()
        result = unit(session)
        if aftermath.orders:
            conclude(session, aftermath)
        if session.in_transaction() or session.new:
            session.commit()
    return Done(result, aftermath)


class _Work(Generic[T]):
    """One unit on its way through the writer thread and back to the loop that waits for it."""

    def __init__(self, unit: Unit[T]) -> None:
        self._unit = unit
        self._loop = asyncio.get_running_loop()
        self._error: BaseException | None = None
        self._done: Done[T] | None = None
        self.future: asyncio.Future[Done[T]] = self._loop.create_future()

    def carry_out(self, connection: Connection, conclude: Conclude) -> None:
        try:
            self._done = carry_out(connection, self._unit, conclude)
        except BaseException as error:  # it belongs to whoever waits in the loop, whatever it is
            self._error = error
            if not _is_in_transaction(connection):
                raise

    def settle(self, failure: BaseException | None) -> None:
        # A loop that is closed has nobody waiting in it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._resolve, self._error or failure)

    def _resolve(self, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        elif self._done is not None:  # always, where nothing failed; said for the type checker
            self.future.set_result(self._done)


class _Alone:
    """What wants the engine for itself, outside of any transaction, on its way through the writer thread and back."""

    def __init__(self, work: Callable[[Engine], None]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self._loop.create_future()

    def carry_out(self, engine: Engine) -> None:
        failure: BaseException | None = None
        try:
            self._work(engine)
        except BaseException as error:  # noqa: BLE001  # it belongs to whoever waits; the thread must live on
            failure = error
        # A loop that is closed has nobody waiting in it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._resolve, failure)

    def _resolve(self, failure: BaseException | None) -> None:
        if self.future.done():
            return
        if failure is not None:
            self.future.set_exception(failure)
        else:
            self.future.set_result(None)


class WriterThread:
    """SQLite's one writer: takes what has gathered, each unit in a savepoint, and commits all with one fsync."""

    def __init__(self, engine: Engine, conclude: Conclude) -> None:
        self._engine = engine
        self._conclude = conclude
        self._queue: SimpleQueue[_Work[object] | _Alone | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="writer", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit[T]) -> Done[T]:
        """Return when the unit is committed. Raises what the unit raised, or why the commit failed."""
        work = _Work(unit)
        self._queue.put(work)  # pyright: ignore[reportArgumentType]  # the queue never looks inside
        return await work.future

    async def run_alone(self, work: Callable[[Engine], None]) -> None:
        """Return when it is done, between two commits. Raises what it raised."""
        alone = _Alone(work)
        self._queue.put(alone)
        await alone.future

    def stop(self) -> None:
        """Write what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            group: list[_Work[object]] = []
            after = self._gather(group, first)
            if group:
                self._commit(group)
            if after is None:
                return
            if isinstance(after, _Alone):
                after.carry_out(self._engine)

    def _gather(self, group: list[_Work[object]], first: _Work[object] | _Alone) -> _Work[object] | _Alone | None:
        """Take what belongs into one commit; return what ended it, None being the word to end the thread."""
        following: _Work[object] | _Alone | None = first
        with suppress(Empty):
            while isinstance(following, _Work):
                group.append(following)
                if len(group) == GROUP_MAX:
                    break
                following = self._queue.get_nowait()
        return following

    def _commit(self, group: list[_Work[object]]) -> None:
        failure: BaseException | None = None
        try:
            with self._engine.begin() as connection:
                for work in group:
                    work.carry_out(connection, self._conclude)
        except BaseException as error:  # noqa: BLE001  # told to each of the group; the thread must live on
            failure = error
        for work in group:
            work.settle(failure)


def _is_in_transaction(connection: Connection) -> bool:
    # A full disk or an I/O error makes SQLite roll back everything, not the savepoint alone. Going on would begin
    # a new transaction without a word and acknowledge units that are gone (sqlite.org/lang_transaction, section 3).
    return bool(getattr(connection.connection.driver_connection, "in_transaction", True))
