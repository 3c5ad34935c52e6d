"""PostgreSQL behind the database's face: units over asyncpg, retried whole where that is right, and lost connections.

On the system clock units run in the server's own loop. Inline ones block their caller, so that they need a loop of
their own, in a thread: the same suites run on both engines.
"""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from threading import Thread
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, event, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncpgString
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.types import String
from sqlalchemy.util import greenlet_spawn
from sqlmodel import Session

from reference_server.columns import read_json, store_json
from reference_server.engines.refusals import Try, cure_of, say_closed
from reference_server.errors import NotReadyError, SettingsError
from reference_server.executors import Conclude, Done, T, Unit, carry_out

# What waits longer for a connection of the pool is told to come back later.
POOL_SECONDS_MAX = 10
# Longer than the server's own limit of a statement: only one that is not heard of any more is given up by us.
COMMAND_SECONDS_MAX = 40
# How long an end waits for units under way: each is short, or waits for a lock that somebody else holds.
FINISH_SECONDS_MAX = 3
# Connections for whoever works inline: the unit, and a look.
OWN_POOL = 2
# Advisory locks: any numbers, the same for every process of ours on one database.
_REBUILD_LOCK, _TURN_LOCK = 0x67617465_00000001, 0x67617465_00000002
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_SESSION = {
    "application_name": "gatewright",
    # Whoever waits longer for a row waits for somebody who is stuck.
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # Its compilation costs more than any of our statements.
    "jit": "off",
}


class Postgres:
    """Units on one database that other processes may share. `pool` is how many connections this process may have."""

    is_in_memory = False

    def __init__(self, url: URL, conclude: Conclude, *, pool: int) -> None:
        self._url = url
        self._conclude = conclude
        self._pool = pool
        self._own: _LoopThread | None = None
        self._inline: _Connections | None = None
        self._shared: _Connections | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_finishing = False

    @property
    def is_open(self) -> bool:
        """Whether units can run; PostgreSQL itself may be away."""
        return self._own is not None

    @property
    def engine(self) -> Engine:
        """The engine of inline units."""
        if self._inline is None:
            raise NotReadyError("the server is not started, or is stopping")
        return self._inline.engine

    def open(self) -> None:
        """Start the loop of inline units."""
        self._is_finishing = False
        self._own = _LoopThread()
        self._inline = _Connections(self._url, OWN_POOL)

    async def finish(self) -> None:
        """Let what is under way in this loop come to its end, within a few seconds, and take leave of PostgreSQL."""
        self._is_finishing = True
        if self._under_way:
            await asyncio.wait(tuple(self._under_way), timeout=FINISH_SECONDS_MAX)
        if self._shared is not None and self._shared.loop is asyncio.get_running_loop():
            shared, self._shared = self._shared, None
            # Who is unreachable takes no leave.
            leave = asyncio.ensure_future(greenlet_spawn(shared.engine.dispose))
            await asyncio.wait([leave], timeout=FINISH_SECONDS_MAX)
            leave.cancel()
            shared.drop()

    def close(self) -> None:
        """Let every connection go without a word, as a killed process does."""
        if self._shared is not None:
            self._shared.drop()
        if self._own is not None and self._inline is not None:
            self._own.call(self._inline.engine.dispose)
            self._own.stop()
        self._own = self._inline = self._shared = None

    def rebuild(self, work: Callable[[Connection], T]) -> T:
        """Change the tables themselves, in one transaction; one process at a time, and the others wait."""

        def rebuild(engine: Engine) -> T:
            with engine.begin() as connection:
                # A large table takes its time, and so does whoever is before us.
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(_TAKE_LOCK, {"key": _REBUILD_LOCK})
                return work(connection)

        own, _ = self._require_own()
        patient = _Connections(self._url, 1, limit_seconds=None).engine
        try:
            return own.call(lambda: rebuild(patient))
        except (SQLAlchemyError, OSError) as error:
            if told := say_closed(error):
                raise SettingsError(f"DATABASE_URL: {told}") from None
            raise cure_of(error, Try()).refusal or error from error
        finally:
            own.call(patient.dispose)

    async def run(self, unit: Unit[T]) -> Done[T]:
        """Carry the unit out in this loop. A caller that is cancelled loses the answer and not the change."""
        connections = self._connections()
        return await self._hold(greenlet_spawn(self._carry_out, connections, unit))

    async def scrub(self) -> None:
        """Leave it to PostgreSQL, whose autovacuum clears old rows away and whose log is cut by itself."""

    def scrub_now(self) -> None:
        """Leave it to PostgreSQL."""

    async def read(self, unit: Unit[T]) -> T:
        """Look in this loop."""
        return await self._hold(greenlet_spawn(self._look, self._connections(), unit))

    def run_now(self, unit: Unit[T]) -> Done[T]:
        """Carry the unit out while the calling thread waits."""
        own, connections = self._require_own()
        return own.call(lambda: self._carry_out(connections, unit))

    def read_now(self, unit: Unit[T]) -> T:
        """Look while the calling thread waits."""
        own, connections = self._require_own()
        return own.call(lambda: self._look(connections, unit))

    def _carry_out(self, connections: "_Connections", unit: Unit[T]) -> Done[T]:
        return _again_and_again(lambda tried: self._carry_out_once(connections.engine, unit, tried))

    def _carry_out_once(self, engine: Engine, unit: Unit[T], tried: Try) -> Done[T]:
        with engine.connect() as connection, connection.begin() as transaction:
            tried.is_connected = True
            if tried.in_turn:
                connection.execute(_TAKE_LOCK, {"key": _TURN_LOCK})
            done = carry_out(connection, unit, self._conclude, alone=True)
            tried.is_committing = True
            transaction.commit()
            return done

    @staticmethod
    def _look(connections: "_Connections", unit: Unit[T]) -> T:
        def look(tried: Try) -> T:
            tried.is_look = True
            with connections.looking.connect() as connection:
                tried.is_connected = True
                with _Looking(connection, expire_on_commit=False) as session:
                    return unit(session)

        return _again_and_again(look)

    def _connections(self) -> "_Connections":
        """Return the connections of this loop: one of another loop cannot be used."""
        if self._own is None or self._is_finishing:
            raise NotReadyError("the server is not started, or is stopping")
        if self._shared is None or self._shared.loop is not asyncio.get_running_loop():
            if self._shared is not None:
                self._shared.drop()
            self._shared = _Connections(self._url, self._pool, loop=asyncio.get_running_loop())
        return self._shared

    async def _hold(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, whether or not the caller stays for it.

        Cut off in the middle, nobody would know whether a unit was committed; and a connection that is being set up
        just then would stay open for ever.
        """
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._under_way.discard(task)
        # Else one whose caller is gone would be reported as never asked for.
        if not task.cancelled():
            task.exception()

    def _require_own(self) -> "tuple[_LoopThread, _Connections]":
        if self._own is None or self._inline is None:
            raise NotReadyError("the server is not started, or is stopping")
        return self._own, self._inline


def _again_and_again(work: Callable[[Try], T]) -> T:
    """Carry out whole, and again where the engine undid it for the sake of others, or its connection was gone before.

    Raises `NotReadyError` when PostgreSQL is away, or went away in the middle of a commit: nobody knows what it did.
    """
    tried = Try()
    for tries in count(1):
        tried = Try(in_turn=tried.in_turn)
        try:
            return work(tried)
        except (SQLAlchemyError, OSError) as error:
            cure = cure_of(error, tried)
            if tries < cure.tries_max:
                tried.in_turn = tried.in_turn or cure.in_turn
                continue
            if cure.refusal is None:
                raise
            raise cure.refusal from error
    raise AssertionError  # count() does not end


class _Connections:
    """One pool of connections, all of one loop."""

    def __init__(
        self,
        url: URL,
        size: int,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        limit_seconds: float | None = COMMAND_SECONDS_MAX,
    ) -> None:
        self.loop = loop
        self._is_dropped = False
        self._open: set[Any] = set()  # SQLAlchemy's own adapted connections have no public type
        self.engine = _create_engine(url, size, limit_seconds=limit_seconds)
        # One moment's state for all of the unit's statements, as on SQLite.
        self.looking = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        event.listen(self.engine, "connect", self._came)
        event.listen(self.engine, "close", self._went)

    def drop(self) -> None:
        """Cut every connection; in the loop's own thread."""
        self._is_dropped = True
        if self.loop is not None and not self.loop.is_closed():
            for connection in tuple(self._open):
                connection.driver_connection.terminate()
        self.engine.dispose(close=False)

    def _came(self, connection: Any, _: object) -> None:
        self._open.add(connection)
        if self._is_dropped:
            # It was being set up just then.
            connection.driver_connection.terminate()

    def _went(self, connection: Any, _: object) -> None:
        self._open.discard(connection)


class _LoopThread:
    """A loop that turns in a thread of its own, and does one thing at a time for whoever waits."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="inline", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], T]) -> T:
        """Do it there and wait for it here."""
        return asyncio.run_coroutine_threadsafe(greenlet_spawn(work), self._loop).result()

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Looking(Session):
    """A session that changes nothing, so that it needs no lock either: a look never waits for a change."""


@event.listens_for(_Looking, "do_orm_execute")
def _without_locks(state: ORMExecuteState) -> None:
    # The same finder serves those who go on to change what they found.
    statement: Any = state.statement
    if getattr(statement, "_for_update_arg", None) is not None:
        statement = statement._generate()  # noqa: SLF001  # SQLAlchemy has a way to add a lock and none to leave it out
        statement._for_update_arg = None  # noqa: SLF001  # see above
        state.statement = statement


class _Text(AsyncpgString):
    """Text without NUL, which PostgreSQL cannot store: what gateways and merchants' systems send has it replaced."""

    def bind_processor(self, dialect: Dialect) -> Any:
        def replaced(value: str | None) -> str | None:
            return value.replace("\x00", "\ufffd") if value and "\x00" in value else value

        return replaced


def _create_engine(url: URL, size: int, *, limit_seconds: float | None) -> Engine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_SECONDS_MAX,
        hide_parameters=True,
        json_serializer=store_json,
        json_deserializer=read_json,
        connect_args={"timeout": 5, "command_timeout": limit_seconds, "server_settings": _SESSION},
    ).sync_engine
    dialect: Any = engine.dialect
    dialect.colspecs = {**dialect.colspecs, String: _Text}
    return engine
