"""Wakes whoever runs jobs when something is owed that is due soon: here at once, in other processes by NOTIFY.

What is due later everybody finds by himself, since nobody rests for longer than half a second. So a wake-up that gets
lost costs as much, and a payment that is due in seconds costs none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, cast

import asyncpg
import structlog
from sqlalchemy.engine import make_url

from reference_server.clock import IDLE_SECONDS_MAX, Clock
from reference_server.engines.addresses import is_postgres, read_postgres_url

CHANNEL = "gatewright_jobs"
# For connecting, and for one statement.
LIMIT_SECONDS = 5.0

_log = structlog.get_logger()


class _Line(Protocol):
    """What is used of the driver's connection; the driver carries no types."""

    async def execute(self, query: str) -> str: ...
    async def add_listener(self, channel: str, callback: Callable[..., None]) -> None: ...
    def add_termination_listener(self, callback: Callable[..., None]) -> None: ...
    def get_server_pid(self) -> int: ...
    def is_closed(self) -> bool: ...
    def terminate(self) -> None: ...


class Wakeup:
    """`wake` rouses this process's own worker. Without PostgreSQL there is no other."""

    def __init__(self, url: str, clock: Clock, *, wake: asyncio.Event) -> None:
        self._url = url
        self._clock = clock
        self._wake = wake
        self._is_shared = is_postgres(make_url(url))
        self._told = asyncio.Event()
        self._is_to_tell = self._is_away = self._is_ending = False
        self._living: asyncio.Task[None] | None = None

    def tell(self, first_due_at: datetime | None) -> None:
        """Say, once it is committed, when the first of what is owed now is due. Never waits."""
        if first_due_at is None or first_due_at > self._clock.now() + timedelta(seconds=IDLE_SECONDS_MAX):
            return
        self._wake.set()
        # Beside the transaction, not in it: PostgreSQL commits those that notify one after the other.
        self._is_to_tell = True
        self._told.set()

    async def start(self) -> None:
        """Begin to listen, and to tell others."""
        if self._is_shared:
            self._living = asyncio.create_task(self._live(), name="wakeup")

    async def stop(self) -> None:
        """Tell what is not told yet, and end."""
        self._is_ending = True
        self._told.set()
        if self._living is not None:
            await asyncio.wait([self._living], timeout=IDLE_SECONDS_MAX)
            self._living.cancel()
            with suppress(asyncio.CancelledError):
                await self._living
            self._living = None

    async def _live(self) -> None:
        while not self._is_ending:
            try:
                await self._speak_and_hear()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not self._is_away:
                    _log.warning("nobody can be woken; going on without it", error=type(error).__name__)
                self._is_away = True
            if not self._is_ending:
                self._told.clear()
                await self._clock.idle(None, wake=self._told)

    async def _speak_and_hear(self) -> None:
        line = await self._connect()
        own = line.get_server_pid()

        def hear(_: object, pid: int, *__: object) -> None:
            if pid != own:
                self._wake.set()

        def hear_end(_: object) -> None:
            self._told.set()

        line.add_termination_listener(hear_end)
        try:
            # What a telling costs is the lock that all tellings share; it needs no place in the log on disk.
            async with self._clock.machine_limit(LIMIT_SECONDS):
                await line.execute("SET synchronous_commit = off")
                await line.add_listener(CHANNEL, hear)
            self._is_away = False
            # Whatever was told while nobody listened.
            self._wake.set()
            while not line.is_closed():
                await self._notify(line)
                if self._is_ending:
                    return
                await self._told.wait()
                self._told.clear()
        finally:
            line.terminate()

    async def _notify(self, line: _Line) -> None:
        if self._is_to_tell:
            self._is_to_tell = False
            async with self._clock.machine_limit(LIMIT_SECONDS):
                await line.execute(f"NOTIFY {CHANNEL}")

    async def _connect(self) -> _Line:
        url = read_postgres_url(make_url(self._url))
        _, options = url.get_dialect()().create_connect_args(url)
        connect = cast("Callable[..., Awaitable[_Line]]", asyncpg.connect)  # pyright: ignore[reportUnknownMemberType]  # see _Line
        return await connect(**options, timeout=LIMIT_SECONDS)
