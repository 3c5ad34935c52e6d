"""The audit trail: one row for each change of a payment, attempt, fulfilment or refund, and why. Kept for ever."""

from datetime import datetime

from sqlmodel import Field, Session, col, select

from reference_server.changes import Change
from reference_server.columns import Instant, Row
from reference_server.database import aftermath_of


class AuditLine(Row, table=True):
    """One line. An event that the table refused stands here too, with `after` equal to `before`."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    order_id: str = Field(index=True)
    resource: str
    resource_id: str
    before: str
    after: str
    event: str
    cause: str


def record(session: Session, change: Change, *, order_id: str, at: datetime) -> None:
    """Write the line in the transaction of the change itself."""
    session.add(
        AuditLine(
            at=at,
            order_id=order_id,
            resource=change.resource,
            resource_id=change.id,
            before=change.before,
            after=change.after,
            event=change.event,
            cause=change.cause,
        )
    )
    if change.before != change.after:
        aftermath = aftermath_of(session)
        aftermath.changes.append(change)
        aftermath.orders[order_id] = None


def list_lines(session: Session, order_id: str) -> list[AuditLine]:
    """Return the trail of an order, oldest first."""
    return list(session.exec(select(AuditLine).where(AuditLine.order_id == order_id).order_by(col(AuditLine.id))))
