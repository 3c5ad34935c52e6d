"""What merchants are told: which change is which event, and the exact bytes of its body."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from reference_server.columns import encode_json
from reference_server.money import Money
from reference_server.payments.lifecycle import PaymentState
from reference_server.refunds.lifecycle import RefundState
from reference_server.webhooks.model import EventKind, WebhookEventId


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says beside its kind. `sequence` grows with each event of one payment, so that they can be sorted.

    Amounts are in minor units, as everywhere in document 001.
    """

    at: datetime
    money: Money
    status: str
    state: str
    sequence: int
    payment_id: str
    order_id: str
    reference: str
    refund_id: str | None = None
    # Of a payment's amount; a part of it alone may have been captured. None where no payment is told of.
    captured_minor: int | None = None
    error_code: str | None = None
    error_description: str | None = None
    is_test: bool = False


def kind_of_payment(state: PaymentState) -> EventKind | None:
    """Return what a payment's coming into a state is told as."""
    match state:
        case PaymentState.PENDING:
            return None
        case PaymentState.AUTHORIZED:
            return EventKind.PAYMENT_AUTHORIZED
        case PaymentState.HELD | PaymentState.NEEDS_REVIEW:
            return EventKind.PAYMENT_HELD
        case PaymentState.CAPTURED:
            return EventKind.PAYMENT_SUCCESS
        case PaymentState.FAILED | PaymentState.CANCELLED | PaymentState.EXPIRED:
            return EventKind.PAYMENT_FAILED
    assert_never(state)


def kind_of_refund(state: RefundState) -> EventKind | None:
    """Return what a refund's coming into a state is told as."""
    match state:
        case RefundState.PENDING | RefundState.NEEDS_REVIEW:
            return None
        case RefundState.PROCESSED:
            return EventKind.REFUND_PROCESSED
        case RefundState.FAILED:
            return EventKind.REFUND_FAILED
    assert_never(state)


def render_body(event_id: WebhookEventId, kind: EventKind, told: Told) -> bytes:
    """Write the body, once: every attempt at every endpoint sends these bytes."""
    captured = {} if told.captured_minor is None else {"amount_captured": told.captured_minor}
    return encode_json(
        {
            "id": event_id,
            "event": kind.value,
            "timestamp": told.at.isoformat().replace("+00:00", "Z"),
            "amount": told.money.amount_minor,
            "currency": told.money.currency,
            "status": told.status,
            "state": told.state,
            **captured,
            "sequence": told.sequence,
            "payment_id": told.payment_id,
            "refund_id": told.refund_id,
            "order_id": told.order_id,
            "reference": told.reference,
            "error_code": told.error_code,
            "error_description": told.error_description,
            "test": told.is_test,
        }
    )
