"""What this side is doing now, counted so that a conductor can tell when nothing more will happen unless time moves.

An *activity* is an inbound request being answered or a due thing being run. It is running, or awaiting a peer's
answer, or parked on the clock. Nothing here decides anything; it only counts.
"""

import asyncio
from collections.abc import Awaitable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counters at one moment; the four totals only grow, so two equal readings prove that nothing moved between."""

    running: int
    calls_made: int
    calls_ended: int
    requests_taken: int
    requests_ended: int


class Activity:
    """Counters of one side. Every change happens in the event loop's thread, so none needs a lock."""

    def __init__(self) -> None:
        self._running = 0
        self._calls_made = 0
        self._calls_ended = 0
        self._requests_taken = 0
        self._requests_ended = 0

    def snapshot(self) -> Snapshot:
        """Read all counters at once."""
        return Snapshot(self._running, self._calls_made, self._calls_ended, self._requests_taken, self._requests_ended)

    @contextmanager
    def working(self) -> Generator[None]:
        """Count one activity for as long as the block runs."""
        self.resume()
        try:
            yield
        finally:
            self.park()

    def park(self) -> None:
        """Say that the current activity waits and will not move by itself."""
        self._running -= 1

    def resume(self) -> None:
        """Say that the current activity moves again; whoever wakes it calls this *before* waking: no gap may show."""
        self._running += 1

    @contextmanager
    def calling(self) -> Generator[None]:
        """Count one outgoing call of the current activity, which stands still until the peer has answered."""
        self._calls_made += 1
        self.park()
        try:
            yield
        finally:
            self._calls_ended += 1
            self.resume()

    async def together(self, parts: Sequence[Awaitable[None]]) -> None:
        """Run parts of the current activity side by side and return when all have ended.

        The activity's own count passes to its parts, and the last part to end passes it back, so that it never
        looks idle in between. A part that raises is raised here after the others have ended.
        """
        if not parts:
            return
        self._running += len(parts) - 1
        left = len(parts)

        async def run(part: Awaitable[None]) -> None:
            nonlocal left
            try:
                await part
            finally:
                left -= 1
                self._running -= 1 if left else 0

        outcomes = await asyncio.gather(*map(run, parts), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def taking(self, app: ASGIApp, *, watch_hang_up: bool) -> ASGIApp:
        """Wrap an app so that each HTTP request counts from its arrival to its end or to the peer's hanging up.

        A peer that gave up no longer waits for us: without watching for it, its call and our request would never
        match again. The watch costs a task per request, so it is on only where a conductor needs it.
        """

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            taken = _Taken(self)
            try:
                with self.working():
                    await answer(scope, receive, send, taken=taken)
            finally:
                taken.end()

        async def answer(scope: Scope, receive: Receive, send: Send, *, taken: _Taken) -> None:
            if not watch_hang_up:
                await app(scope, receive, send)
                return
            async with _HangUpWatch(receive, taken) as watched:
                await app(scope, watched.receive, send)

        return counted

    def request_taken(self) -> None:
        """Count a request that has arrived."""
        self._requests_taken += 1

    def request_ended(self) -> None:
        """Count a request that was answered or whose peer has gone."""
        self._requests_ended += 1


class _Taken:
    """One inbound request; ends once, whichever of the answer and the hanging up comes first."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._ended = False
        activity.request_taken()

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._activity.request_ended()


class _HangUpWatch:
    """Reads on after the body so that a peer's hanging up is seen while the request is still being answered."""

    def __init__(self, receive: Receive, taken: _Taken) -> None:
        self._receive = receive
        self._taken = taken
        self._body_read = False
        self._gone: asyncio.Task[Message] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._gone is not None and not self._gone.done():
            self._gone.cancel()

    async def receive(self) -> Message:
        """Hand on the server's messages; after the last part of the body they come from the watch."""
        if self._gone is not None:
            return await asyncio.shield(self._gone)
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._taken.end()
        elif not message.get("more_body", False):
            self._gone = asyncio.create_task(self._until_gone())
        return message

    async def _until_gone(self) -> Message:
        message = await self._receive()
        self._taken.end()
        return message
