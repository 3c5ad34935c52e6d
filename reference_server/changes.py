"""Changes as values, and what a unit of work leaves to be told once it is committed."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What one event did. `resource` is payment, attempt, fulfilment, refund or gateway_order."""

    resource: str
    id: str
    before: str
    after: str
    event: str
    cause: str
    # The payment that it is part of; empty for what is its order's alone.
    payment_id: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something changes, and why, in words for the audit trail."""

    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class StatusNews:
    """A payment's status word that is another than before, in its document's words."""

    session_id: str
    reference: str
    status: str


@dataclass(slots=True)
class Aftermath:
    """Gathered on the unit's session; thrown away with it if the unit is undone."""

    changes: list[Change] = field(default_factory=list[Change])
    notes: list[str] = field(default_factory=list[str])
    owed: bool = False
    # When the earliest of what is owed now is due.
    first_due_at: datetime | None = None
    # The orders that something changed of, in the order of the changes; each once.
    orders: dict[str, None] = field(default_factory=dict[str, None])
    news: list[StatusNews] = field(default_factory=list[StatusNews])
