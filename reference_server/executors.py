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
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.session import JoinTransactionMode
from sqlmodel import Session

from reference_server.changes import Aftermath

T = TypeVar("T")
# Reads the rows of what it writes to their end: SQLite counts a change (`total_changes`) only then.
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

    `conclude` is the unit's last part where it changed an order. `alone` spares the savepoint: either the transaction
    is this unit's own, or whoever calls undoes all of it.
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
    session = _UnitSession(connection, join_transaction_mode=mode, expire_on_commit=False)
    try:
        aftermath = session.info["aftermath"] = Aftermath()
        result = unit(session)
        if aftermath.orders:
            conclude(session, aftermath)
        if session.in_transaction() or session.new:
            session.commit()
    finally:
        # One that nobody used the ORM of holds nothing; to close it all the same costs twice what making it did.
        if session.in_transaction() or session.new or session.identity_map:
            session.close()
    return Done(result, aftermath)


class ToBeUndoneError(Exception):
    """A unit raised after it had changed something."""


class _Work(Generic[T]):
    """One unit on its way through the writer thread and back to the loop that waits for it."""

    def __init__(self, unit: Unit[T]) -> None:
        self._unit = unit
        self._error: BaseException | None = None
        self._done: Done[T] | None = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Done[T]] = self.loop.create_future()

    def carry_out(self, connection: Connection, conclude: Conclude) -> None:
        """Run it among others without a savepoint. Raises `ToBeUndoneError` where the transaction cannot go on."""
        before = _changes_of(connection)
        try:
            self._done, self._error = carry_out(connection, self._unit, conclude, alone=True), None
        except BaseException as error:  # it belongs to whoever waits in the loop, whatever it is
            self._error = error
            if not _is_in_transaction(connection) or _changes_of(connection) != before:
                raise ToBeUndoneError from error

    def carry_out_again(self, connection: Connection, conclude: Conclude) -> None:
        """Run it in a savepoint, after the transaction in which it ran before was undone."""
        try:
            self._done, self._error = carry_out(connection, self._unit, conclude), None
        except BaseException as error:  # it belongs to whoever waits in the loop, whatever it is
            self._error = error
            if not _is_in_transaction(connection):
                raise

    def settle(self, failure: BaseException | None) -> None:
        """Tell whoever waits, in the loop; `failure` is why nothing of the group was committed."""
        if self.future.done():
            return
        # What the unit said of its neighbours' changes is true only if those were committed.
        error = failure or self._error
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
    """SQLite's one writer: takes what has gathered and commits all with one fsync; what fails is undone alone."""

    def __init__(self, engine: Engine, conclude: Conclude) -> None:
        self._engine = engine
        self._conclude = conclude
        self._queue: SimpleQueue[_Work[object] | _Alone | None] = SimpleQueue()
        # Kept from group to group: the pool's way out and back costs as much as a unit.
        self._connection: Connection | None = None
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
            if isinstance(after, _Alone):
                after.carry_out(self._engine)
            elif after is None:
                break
        self._let_go()

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
            if not self._commit_together(group):
                self._commit_one_by_one(group)
        except BaseException as error:  # noqa: BLE001  # told to each of the group; the thread must live on
            failure = error
            self._let_go()
        _settle(group, failure)

    def _commit_together(self, group: list[_Work[object]]) -> bool:
        """Commit a group in which nothing has to be undone, as in nearly all; else undo it whole and answer False.

        Savepoints that nobody goes back to cost a copy of every page that their units change.
        """
        try:
            connection = self._own_connection()
            with connection.begin():
                for work in group:
                    work.carry_out(connection, self._conclude)
        except ToBeUndoneError:
            return False
        return True

    def _commit_one_by_one(self, group: list[_Work[object]]) -> None:
        """Run the group once more, now so that a unit that raises undoes itself alone."""
        connection = self._own_connection()
        with connection.begin():
            for work in group:
                work.carry_out_again(connection, self._conclude)

    def _own_connection(self) -> Connection:
        self._connection = self._connection or self._engine.connect()
        return self._connection

    def _let_go(self) -> None:
        """Have another connection next time: nobody knows what a failure has left of this one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # What cannot even be closed is thrown away all the same; the thread must live on.
            with suppress(SQLAlchemyError, sqlite3.Error):
                connection.close()


def _settle(group: list[_Work[object]], failure: BaseException | None) -> None:
    """Tell a group that it is committed, or why not, with one call into each loop that somebody waits in."""

    def settle(works: list[_Work[object]]) -> None:
        for work in works:
            work.settle(failure)

    for loop in {work.loop for work in group}:
        # A loop that is closed has nobody waiting in it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, [work for work in group if work.loop is loop])


def _changes_of(connection: Connection) -> int:
    """Return how many rows were changed so far through this connection."""
    return int(getattr(connection.connection.driver_connection, "total_changes", 0))


def _is_in_transaction(connection: Connection) -> bool:
    # A full disk or an I/O error makes SQLite roll back everything, not the savepoint alone. Going on would begin
    # a new transaction without a word and acknowledge units that are gone (sqlite.org/lang_transaction, section 3).
    return bool(getattr(connection.connection.driver_connection, "in_transaction", True))
