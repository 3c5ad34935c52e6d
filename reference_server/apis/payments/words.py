"""The words of documents 001 and 003 for our states: total functions, held to the enums of openapi.yaml (DESIGN 6)."""

from dataclasses import dataclass
from typing import Literal, assert_never

from reference_server.payments.lifecycle import PaymentState
from reference_server.refunds.lifecycle import RefundState

PaymentWord = Literal["pending", "success", "failed"]
RefundWord = Literal["pending", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The customer's word, what it leaves out, and why a payment failed where no decline says it better."""

    status: PaymentWord
    held: bool = False
    error_code: str | None = None
    error_description: str | None = None


def word_payment(state: PaymentState) -> Wording:
    """Return the word for a payment."""
    match state:
        case PaymentState.PENDING | PaymentState.AUTHORIZED:
            return Wording("pending")
        case PaymentState.HELD | PaymentState.NEEDS_REVIEW:
            return Wording("pending", held=True)
        case PaymentState.CAPTURED:
            return Wording("success")
        case PaymentState.FAILED:
            return Wording("failed", error_code="payment_failed", error_description="The payment ended without money")
        case PaymentState.CANCELLED:
            return Wording("failed", error_code="cancelled", error_description="The payment was called off")
        case PaymentState.EXPIRED:
            return Wording("failed", error_code="expired", error_description="Nobody paid, or captured, in time")
    assert_never(state)


def word_refund(state: RefundState) -> RefundWord:
    """Return the word for a refund; one that a person has to look at may still come about."""
    match state:
        case RefundState.PENDING | RefundState.NEEDS_REVIEW:
            return "pending"
        case RefundState.PROCESSED:
            return "processed"
        case RefundState.FAILED:
            return "failed"
    assert_never(state)
