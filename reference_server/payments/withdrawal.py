"""A merchant calls a payment off: it ends as CANCELLED, and money that comes all the same goes back."""

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError
from reference_server.ids import PaymentId
from reference_server.payments.apply import Rules, apply_event
from reference_server.payments.lifecycle import PaymentEvent, PaymentState, is_in_review
from reference_server.payments.store import get_payment


def withdraw_payment(session: Session, payment_id: PaymentId, *, rules: Rules, occasion: Occasion) -> None:
    """End it, or mark one that ended by itself; twice is once. Raises `ConflictError` where there is money already."""
    payment = get_payment(session, payment_id)
    if payment.state is PaymentState.CAPTURED:
        raise ConflictError("the payment is CAPTURED: its money can be refunded")
    if is_in_review(payment.state):
        raise ConflictError(f"the payment is {payment.state.value}: its money can be returned")
    payment.is_withdrawn = True
    session.add(payment)
    apply_event(session, payment_id, PaymentEvent.CANCELLED, rules=rules, occasion=occasion)
