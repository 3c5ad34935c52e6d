"""The audit trail: one row for each change of a payment, attempt, fulfilment or refund, and why. Kept for ever."""

from datetime import datetime

from sqlmodel import Field, Session, col, select

from reference_server.changes import Change
from reference_server.columns import COUNTED, Instant, Row, insert_row
from reference_server.database import aftermath_of


class AuditLine(Row, table=True):
    """One line. An event that the table refused stands here too, with `after` equal to `before`."""

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    at: datetime = Field(sa_type=Instant)
    order_id: str = Field(index=True)
    resource: str
    resource_id: str
    before: str
    after: str
    event: str
    cause: str
    # Empty for what is the order's alone.
    payment_id: str = ""


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
            payment_id=change.payment_id,
        )
    )
    if change.before != change.after:
        aftermath = aftermath_of(session)
        aftermath.changes.append(change)
        aftermath.orders[order_id] = None


def insert(session: Session, change: Change, *, order_id: str, at: datetime) -> None:
    """Write the line of something new, past the ORM. Nobody waits to be told of what has just been made."""
    values = {"at": at, "order_id": order_id, "resource": change.resource, "resource_id": change.id}
    values |= {"before": change.before, "after": change.after, "event": change.event, "cause": change.cause}
    insert_row(session, AuditLine, {**values, "payment_id": change.payment_id})
    aftermath_of(session).changes.append(change)


def list_lines(session: Session, order_id: str) -> list[AuditLine]:
    """Return the trail of an order, oldest first."""
    return list(session.exec(select(AuditLine).where(AuditLine.order_id == order_id).order_by(col(AuditLine.id))))


def list_lines_of_payment(session: Session, order_id: str, *, payment_id: str) -> list[AuditLine]:
    """Return the trail of one payment with what is its order's alone, oldest first; other payments' lines left out."""
    wanted = select(AuditLine).where(AuditLine.order_id == order_id, col(AuditLine.payment_id).in_(("", payment_id)))
    return list(session.exec(wanted.order_by(col(AuditLine.id))))
