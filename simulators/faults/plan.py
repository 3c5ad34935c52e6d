"""What becomes of a notification: the planned sends that faults turn into other planned sends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from simulators.gateways.gateway import Notification

# Of one notification, under all rules together: each costs a connection.
COPIES_MAX = 1_000


def _nothing() -> None:
    """Stand for a plan that nobody owes yet."""


@dataclass(slots=True, eq=False)
class Holding:
    """Sends that wait `span` longer than they would, to be overtaken.

    Whoever owes them sets `let_go`, which sends them on, and does nothing once they have left.
    """

    span: timedelta
    let_go: Callable[[], None] = field(default=_nothing)


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """One send of a plan. Those of one `burst` are released together, each on a connection of its own.

    What is `held` leaves when it is let go, and at `at` by itself; once this one was brought it `frees` another.
    """

    at: datetime
    notification: Notification
    faults: tuple[str, ...] = ()
    burst: int | None = None
    dropped: bool = False
    held: Holding | None = None
    frees: Holding | None = None

    def with_fault(self, words: str) -> "PlannedSend":
        """Return the same send with one more fault in its journal entry."""
        return replace(self, faults=(*self.faults, words))

    def saying(self, notification: Notification, words: str) -> "PlannedSend":
        """Return the same send with another notification, which differs as the words tell."""
        return replace(self.with_fault(words), notification=notification)


Plan = Sequence[PlannedSend]
