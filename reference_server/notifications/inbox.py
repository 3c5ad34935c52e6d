"""The inbox: every notification that was not refused, raw and once, and what became of it."""

from datetime import datetime
from enum import Enum

from sqlalchemy import ColumnElement, LargeBinary, String, Text
from sqlmodel import Field, Session, UniqueConstraint, col, select

from reference_server.columns import Instant, Row, locked, words_of
from reference_server.errors import MissingError
from reference_server.gateways.gateway import GatewayWord
from reference_server.ids import PaymentId


class InboxState(Enum):
    """How far a notification has come."""

    # Stored; its confirmation is owed.
    RECEIVED = "RECEIVED"
    # The gateway confirmed it, and what followed is done.
    CONFIRMED = "CONFIRMED"
    # The gateway does not bear it out.
    REFUTED = "REFUTED"
    # The gateway could not be asked for as long as the schedule says.
    UNANSWERED = "UNANSWERED"


class InboxNotification(Row, table=True):
    """One notification. Its identity is the gateway's: the same for every duplicate."""

    __table_args__ = (UniqueConstraint("payment_id", "identity"),)

    id: str = Field(primary_key=True)
    payment_id: PaymentId = Field(foreign_key="payments.id", sa_type=String)
    identity: str
    state: InboxState = Field(sa_column=words_of(InboxState))
    word: GatewayWord = Field(sa_column=words_of(GatewayWord))
    gateway_reference: str
    # Why there is no money, as the gateway words it.
    reason: str = ""
    is_signed: bool
    media_type: str
    raw: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=Instant)
    duplicates: int = 0
    # The gateway's last answer about it, as it came: kept for audits.
    evidence: str = Field(default="", sa_type=Text)


def is_concluded() -> ColumnElement[bool]:
    """Hold for what nothing is owed for any more."""
    return col(InboxNotification.state) != InboxState.RECEIVED


def find_duplicate(session: Session, payment_id: PaymentId, identity: str) -> InboxNotification | None:
    """Return the notification that this one repeats, locked where the engine locks rows."""
    wanted = select(InboxNotification).where(
        InboxNotification.payment_id == payment_id, InboxNotification.identity == identity
    )
    return session.exec(locked(wanted)).one_or_none()


def list_unsigned(session: Session, payment_id: PaymentId) -> list[InboxNotification]:
    """Return what anybody may have sent who knows the payment's address."""
    return list(
        session.exec(
            select(InboxNotification).where(
                InboxNotification.payment_id == payment_id, col(InboxNotification.is_signed).is_(other=False)
            )
        )
    )


def get_notification(session: Session, notification_id: str) -> InboxNotification:
    """Return what is in the inbox under that id. Raises `MissingError`."""
    notification = session.get(InboxNotification, notification_id)
    if notification is None:
        raise MissingError("there is no such notification")
    return notification
