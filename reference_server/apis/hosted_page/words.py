"""Document 000's status words: a total function of how money and delivery stand (DESIGN 6)."""

from dataclasses import dataclass
from typing import assert_never

from reference_server.fulfilment.lifecycle import FulfilmentState
from reference_server.models import Status
from reference_server.payments.lifecycle import PaymentState


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
