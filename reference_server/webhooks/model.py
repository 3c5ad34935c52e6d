"""The tables of webhooks: endpoints with their secrets, what happened, and what was owed and sent because of it."""

from datetime import datetime
from enum import Enum
from typing import NewType

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field

from reference_server.columns import Instant, Row, words_of
from reference_server.ids import MerchantId
from reference_server.webhooks.lifecycle import DeliveryState, EndpointState

EndpointId = NewType("EndpointId", str)
WebhookEventId = NewType("WebhookEventId", str)
DeliveryId = NewType("DeliveryId", str)
# An address that the guard let through; nothing else becomes an endpoint's.
CheckedUrl = NewType("CheckedUrl", str)

# SQLite counts up only a key that is declared INTEGER, which has 64 bits there anyway.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")


class EventKind(Enum):
    """What merchants are told of. The first three are those of document 001 and what endpoints get by default."""

    PAYMENT_SUCCESS = "payment.success"
    PAYMENT_FAILED = "payment.failed"
    REFUND_PROCESSED = "refund.processed"
    PAYMENT_AUTHORIZED = "payment.authorized"
    PAYMENT_HELD = "payment.held"
    REFUND_FAILED = "refund.failed"


DEFAULT_KINDS = (EventKind.PAYMENT_SUCCESS, EventKind.PAYMENT_FAILED, EventKind.REFUND_PROCESSED)


class AttemptEnd(Enum):
    """How a delivery attempt came out. Only the first may be a success; it and TOO_LARGE alone have a code."""

    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    # Certificate, name or version: never sent in clear instead.
    INSECURE = "insecure"
    # The connection broke, or what came is no HTTP.
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    # Our own guard: an address that is nobody's outside.
    REFUSED = "refused"


class Endpoint(Row, table=True):
    """A URL that a merchant registered. Removed ones stay, since deliveries are about them."""

    id: EndpointId = Field(primary_key=True, sa_type=String)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String, index=True)
    # It may hold a token of the merchant's.
    url: str = Field(sa_type=Text, repr=False)
    kinds: list[str] = Field(sa_type=JSON)
    state: EndpointState = Field(sa_column=words_of(EndpointState))
    # Why it is disabled: gone, failing or switched_off.
    cause: str = ""
    # The first and the last of a spell of failed attempts without a success.
    failing_since: datetime | None = Field(default=None, sa_type=Instant)
    failed_last_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)


class EndpointSecret(Row, table=True):
    """What an endpoint's webhooks are signed with; here in clear, since every attempt signs anew."""

    id: int | None = Field(default=None, primary_key=True, sa_type=_COUNTED)
    endpoint_id: EndpointId = Field(foreign_key="endpoints.id", sa_type=String, index=True)
    secret: str = Field(repr=False)
    created_at: datetime = Field(sa_type=Instant)
    # None for the current one; a rotated one signs beside it until then.
    expires_at: datetime | None = Field(default=None, sa_type=Instant)


class WebhookEvent(Row, table=True):
    """What a merchant is told, once for all its endpoints: `body` is the exact bytes of every attempt."""

    id: WebhookEventId = Field(primary_key=True, sa_type=String)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String, index=True)
    kind: str
    # Empty for a test event.
    payment_id: str = Field(default="", index=True)
    refund_id: str = ""
    # The merchant's own order id, by which people know it.
    subject: str = ""
    # Grows with each event of one payment, so that a receiver can sort them.
    sequence: int
    at: datetime = Field(sa_type=Instant)
    body: bytes = Field(sa_type=LargeBinary, repr=False)


class Delivery(Row, table=True):
    """The duty to bring one webhook to one endpoint; what document 001 calls a webhook log."""

    __table_args__ = (
        Index("ix_deliveries_due", "endpoint_id", "state", "next_attempt_at", "number"),
        Index("ix_deliveries_listed", "merchant_id", "created_at", "number"),
    )

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        return "deliveries"

    # In the order of owing.
    number: int | None = Field(default=None, primary_key=True, sa_type=_COUNTED)
    id: DeliveryId = Field(unique=True, sa_type=String)
    event_id: WebhookEventId = Field(foreign_key="webhook_events.id", sa_type=String, index=True)
    endpoint_id: EndpointId = Field(foreign_key="endpoints.id", sa_type=String)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    kind: str
    state: DeliveryState = Field(sa_column=words_of(DeliveryState))
    # Of the present series; a resend begins another, and what an attempt of an older one brings moves nothing.
    attempts: int = 0
    series: int = 1
    next_attempt_at: datetime | None = Field(default=None, sa_type=Instant)
    last_attempt_at: datetime | None = Field(default=None, sa_type=Instant)
    response_code: int | None = None
    response_body: str | None = Field(default=None, sa_type=Text)
    # How the last attempt came out, and why nothing more follows where that is not the attempt's doing.
    ended: str = ""
    created_at: datetime = Field(sa_type=Instant)


class DeliveryAttempt(Row, table=True):
    """One HTTP POST for a delivery, with its answer. Never changed, never deleted by a resend."""

    id: int | None = Field(default=None, primary_key=True, sa_type=_COUNTED)
    delivery_number: int = Field(foreign_key="deliveries.number", sa_type=_COUNTED, index=True)
    series: int
    at: datetime = Field(sa_type=Instant)
    ended_at: datetime = Field(sa_type=Instant)
    # What was signed, in seconds since the epoch.
    stamp: int = Field(sa_type=BigInteger)
    end: AttemptEnd = Field(sa_column=words_of(AttemptEnd))
    response_code: int | None = None
    response_body: str | None = Field(default=None, sa_type=Text)
