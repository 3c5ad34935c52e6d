"""What an account is doing now, counted so that a conductor can tell when nothing more will happen unless time moves.

An *activity* is an inbound request being answered or a due thing being run. It is running, or awaiting a peer's
answer, or parked on the clock. Nothing here decides anything; it only counts.
"""

import asyncio
from collections.abc import Awaitable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counters at one moment; the four totals only grow, so two equal readings prove that nothing moved between."""

    running: int
    calls_made: int
    calls_ended: int
    requests_taken: int
    requests_ended: int

    @property
    def is_calm(self) -> bool:
        """Whether nobody runs and no call is open: all that is left, if anything, waits for the clock."""
        return self.running == 0 and self.calls_made == self.calls_ended

    @property
    def is_balanced(self) -> bool:
        """Whether nobody runs and as many requests are open as calls: each may be waiting for the other."""
        return self.running == 0 and self.calls_made - self.calls_ended <= self.requests_taken - self.requests_ended


class Activity:
    """Counters of one account. Every change happens in the event loop's thread, so none needs a lock.

    `beside` holds requests of which nobody knows yet whose they are; they are counted into every snapshot, since any
    of them may turn out to be this account's.
    """

    def __init__(self, *, beside: "Activity | None" = None) -> None:
        self._beside = beside
        self._running = 0
        self._calls_made = 0
        self._calls_ended = 0
        self._requests_taken = 0
        self._requests_ended = 0
        # Set at every step towards rest: who waits for calm looks again then.
        self.stirred = asyncio.Event()

    def snapshot(self) -> Snapshot:
        """Read all counters at once."""
        own = (self._running, self._calls_made, self._calls_ended, self._requests_taken, self._requests_ended)
        if self._beside is None:
            return Snapshot(*own)
        other = self._beside.snapshot()
        return Snapshot(
            own[0] + other.running,
            own[1] + other.calls_made,
            own[2] + other.calls_ended,
            own[3] + other.requests_taken,
            own[4] + other.requests_ended,
        )

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
        self.stirred.set()

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
            self.stirred.set()

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

    def request_taken(self) -> None:
        """Count a request that has arrived."""
        self._requests_taken += 1

    def request_ended(self) -> None:
        """Count a request that was answered or whose peer has gone."""
        self._requests_ended += 1
        self.stirred.set()


class Taken:
    """One inbound request and the counters that it is on: at first those of nobody, then those of the account it names.

    It ends for its peer when it is answered or when the peer hangs up, whichever comes first, and only once.
    A peer that gave up no longer waits for us: without seeing that, its call and our request would never match again.
    """

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._is_open = True
        activity.request_taken()
        activity.resume()

    def move(self, activity: Activity) -> None:
        """Count on `activity` from now on. Totals only grow: where it stood before it has ended."""
        before, self._activity = self._activity, activity
        activity.request_taken()
        activity.resume()
        if self._is_open:
            before.request_ended()
        else:
            activity.request_ended()
        before.park()

    def peer_gone(self) -> None:
        """Say that nobody waits for the answer any more."""
        if self._is_open:
            self._is_open = False
            self._activity.request_ended()

    def end(self) -> None:
        """Say that the answer has left, or never will."""
        self.peer_gone()
        self._activity.park()
