"""What an account owes and when: planned sends and the gateway's own jobs, by due time and sequence. Runs nothing."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final


class DueKind(Enum):
    """What sort of thing is due."""

    TIMER = "timer"
    JOB = "job"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Due:
    """A due thing as others see it: `subject` is the order that it is about."""

    at: datetime
    kind: DueKind
    name: str
    subject: str | None = None


Work = Callable[[], Awaitable[None]]
# Fewer that were let off are not worth looking for.
_SWEPT_FROM: Final = 64


@dataclass(slots=True, order=True)
class Owed:
    """A due thing with the work that it is; `gone` ones were let off, or are under way."""

    at: datetime
    sequence: int
    due: Due = field(compare=False)
    work: Work = field(compare=False)
    gone: bool = field(compare=False, default=False)


class Outbox:
    """A heap of owed things. `wake` is set whenever the earliest may have changed."""

    def __init__(self) -> None:
        self._heap: list[Owed] = []
        # How many in the heap were let off.
        self._idle = 0
        self._sequence = 0
        self.wake = asyncio.Event()
        # How often everything was let off: what was under way then may not owe anything of its old world.
        self.times_cleared = 0

    def add(self, due: Due, work: Work) -> Owed:
        """Owe `work` at `due.at`."""
        self._sequence += 1
        owed = Owed(due.at, self._sequence, due, work)
        heapq.heappush(self._heap, owed)
        self.wake.set()
        return owed

    def let_off(self, owed: Owed) -> None:
        """Owe it no longer; what has run already stays done."""
        # It stays in the heap until its instant, or until half of the heap is such; what it holds on to need not.
        owed.work = _nothing
        self._idle += not owed.gone
        owed.gone = True
        if self._idle >= _SWEPT_FROM and 2 * self._idle > len(self._heap):
            self._heap = [one for one in self._heap if not one.gone]
            heapq.heapify(self._heap)
            self._idle = 0

    def next_due(self) -> Due | None:
        """Return what is due first, whether its instant has come or not."""
        while self._heap and self._heap[0].gone:
            heapq.heappop(self._heap)
            self._idle -= 1
        return self._heap[0].due if self._heap else None

    def take(self, now: datetime) -> Owed | None:
        """Take out what is due first if its instant has come."""
        first = self.next_due()
        if first is None or first.at > now:
            return None
        owed = heapq.heappop(self._heap)
        owed.gone = True
        return owed

    def list_due(self) -> list[Due]:
        """Return everything owed, earliest first."""
        return [owed.due for owed in sorted(self._heap) if not owed.gone]

    def clear(self) -> None:
        """Owe nothing any more."""
        for owed in self._heap:
            owed.gone = True
        self._heap.clear()
        self._idle = 0
        self.times_cleared += 1


async def _nothing() -> None:
    """Stand for work that was let off."""
