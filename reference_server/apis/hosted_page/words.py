"""Document 000's status words: a total function of how money and delivery stand (DESIGN 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from reference_server.fulfilment.lifecycle import FulfilmentState
from reference_server.models import RefundStatus, Status
from reference_server.payments.lifecycle import PaymentState
from reference_server.refunds.lifecycle import RefundState


@dataclass(frozen=True, slots=True)
class Wording:
    """The customer's word, and the two members that say what it leaves out."""

    status: Status
    held: bool = False
    expired: bool = False


def word_status(payment: PaymentState, fulfilment: FulfilmentState | None) -> Wording:
    """Return the word for both machines; `fulfilment` is None where nothing is to be delivered."""
    match payment:
        case PaymentState.PENDING | PaymentState.AUTHORIZED:
            return Wording("PENDING")
        case PaymentState.HELD | PaymentState.NEEDS_REVIEW:
            return Wording("PENDING", held=True)
        case PaymentState.CAPTURED:
            return Wording(_word_delivery(fulfilment))
        case PaymentState.FAILED:
            return Wording("FAILED")
        case PaymentState.CANCELLED:
            return Wording("CANCELLED")
        case PaymentState.EXPIRED:
            return Wording("FAILED", expired=True)
    assert_never(payment)


def word_refund(state: RefundState) -> RefundStatus:
    """Return the word for one refund; one that a person has to look at may still come about."""
    match state:
        case RefundState.PENDING | RefundState.NEEDS_REVIEW:
            return "pending"
        case RefundState.PROCESSED:
            return "processed"
        case RefundState.FAILED:
            return "failed"
    assert_never(state)


def word_refunds(states: Sequence[RefundState]) -> RefundStatus | None:
    """Return one word for all refunds of a payment: what is on its way first, then what is back."""
    words = {word_refund(state) for state in states}
    by_weight: tuple[RefundStatus, ...] = ("pending", "processed", "failed")
    return next((word for word in by_weight if word in words), None)


def _word_delivery(fulfilment: FulfilmentState | None) -> Status:
    match fulfilment:
        case None | FulfilmentState.DONE:
            return "SUCCESS"
        case FulfilmentState.OWED:
            return "VALIDATED"
        case FulfilmentState.RETRYING | FulfilmentState.NEEDS_REVIEW:
            return "SYNC_PENDING"
        case FulfilmentState.WAIVED:
            # What is not delivered is refunded.
            return "FAILED"
    assert_never(fulfilment)
