"""A merchant asks for money back: what they may have, and the refund that follows."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError, InvalidError
from reference_server.fulfilment.apply import waive_if_nothing_is_kept
from reference_server.ids import PaymentId
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.lifecycle import is_in_review
from reference_server.payments.model import Payment, PaymentAttempt
from reference_server.payments.store import get_payment, list_attempts
from reference_server.refunds.apply import OWN_REFERENCES, Waits, Wanted, apply_refund_event, at_once, owe_refund
from reference_server.refunds.lifecycle import RefundEvent, RefundState
from reference_server.refunds.model import Refund, RefundCause
from reference_server.refunds.store import find_by_reference, left_of


@dataclass(frozen=True, slots=True)
class AskedRefund:
    """What a merchant wants back: without an amount all that is left, without a reference a refund of its own."""

    amount_minor: int | None
    reason: str
    reference: str
    waits: Waits = at_once


def request_refund(session: Session, payment_id: PaymentId, asked: AskedRefund, *, at: datetime) -> Refund:
    """Owe the refund, or return the one of that reference. Raises `ConflictError` for what cannot be given back.

    Raises `InvalidError` for a reference that only refunds of ours can have, and for a part that is too small.
    """
    payment = get_payment(session, payment_id)
    known = find_by_reference(session, payment.id, asked.reference) if asked.reference else None
    if known is not None:
        return _repeat(session, known, asked, at=at)
    if asked.reference.startswith(OWN_REFERENCES):
        # It could be that of a refund yet to come, and stand in the way of whatever owes it.
        told = f"a reference of your own does not begin with {OWN_REFERENCES}"
        raise InvalidError(told, pointer="/reference", rule="reference")
    order = get_order(session, payment.order_id)
    attempt = _choose(session, payment, asked, currency=order.currency)
    wanted = Wanted(RefundCause.MERCHANT, asked.reason, asked.amount_minor, asked.reference, asked.waits)
    refund = owe_refund(session, attempt, order=order, wanted=wanted, at=at)
    if refund is None:
        told = "all that was captured is given back already"
        raise ConflictError(told, refundable="0", amount_refundable=0)
    if refund.settled_minor == 0 and attempt.settled_minor:
        told = f"that is less than one minor unit of the {attempt.settled_currency} that the gateway gives back"
        raise InvalidError(told, pointer="/amount", rule="amount")
    waive_if_nothing_is_kept(session, order, occasion=Occasion(at, "the merchant gave all the money back"))
    return refund


def _repeat(session: Session, refund: Refund, asked: AskedRefund, *, at: datetime) -> Refund:
    """Return the refund that was asked for already; one that waits for a person is asked for again."""
    if asked.amount_minor not in {None, refund.amount_minor}:
        raise ConflictError("that reference is another refund's", refundId=refund.id)
    if refund.state is RefundState.NEEDS_REVIEW:
        order, occasion = get_order(session, refund.order_id), Occasion(at, "the merchant asks again")
        apply_refund_event(session, refund, RefundEvent.ASKED_AGAIN, order=order, occasion=occasion)
    return refund


def _choose(session: Session, payment: Payment, asked: AskedRefund, *, currency: str) -> PaymentAttempt:
    """Return the try whose money it is: the one that paid, or another whose own return had failed."""
    if is_in_review(payment.state):
        raise ConflictError(f"the payment is {payment.state.value}: accept or return its money first")
    counted = [one for one in list_attempts(session, payment.id) if one.is_counted]
    if not counted:
        raise ConflictError(f"the payment is {payment.state.value}: nothing was captured that could be given back")
    counted.sort(key=lambda one: one.gateway_reference != payment.paid_by)
    left = [(left_of(session, one).amount_minor, one) for one in counted]
    if asked.amount_minor is None:
        return next((one for minor, one in left if minor > 0), counted[0])
    fitting = [one for minor, one in left if minor >= asked.amount_minor and one.taken_currency == currency]
    if not fitting:
        most = max((minor for minor, one in left if one.taken_currency == currency), default=0)
        refundable = Money(most, currency).decimal_text
        told = f"of this payment {refundable} {currency} can still be given back"
        raise ConflictError(told, refundable=refundable, amount_refundable=most)
    return fitting[0]
