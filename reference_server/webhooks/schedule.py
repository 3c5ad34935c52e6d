"""When a delivery is attempted again. Gaps count from the start of one attempt to the start of the next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Document 001: attempt 1 at once, then 1, 5, 30 minutes and 2 hours, each after the attempt before it.
GAPS = (timedelta(), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# With WEBHOOK_RETRY_INTERVALS_TEST.
TEST_GAPS = (timedelta(), *(timedelta(seconds=seconds) for seconds in (5, 10, 15, 20)))
# What a receiver asks for by Retry-After is kept up to the longest gap of our own.
RETRY_AFTER_MAX = timedelta(hours=2)


def no_jitter() -> float:
    """Return the share that nothing is added by."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """`draw_jitter` returns the share by which a gap is longer, anew at each call."""

    gaps: tuple[timedelta, ...] = GAPS
    draw_jitter: Callable[[], float] = no_jitter

    def next_attempt_at(self, attempts: int, *, begun_at: datetime, asked: datetime | None) -> datetime | None:
        """Return when to try again after so many attempts, and None after the last.

        `begun_at` is the start of the last one; `asked` is the instant before which the receiver wants none.
        """
        if attempts >= len(self.gaps):
            return None
        due = begun_at + self.gaps[attempts] * (1 + self.draw_jitter())
        return due if asked is None else max(due, min(asked, begun_at + RETRY_AFTER_MAX))
