"""A person's word on money that is held or cannot be explained: take it as the payment's, or give it back."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError
from reference_server.ids import PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.apply import ACQUIRE_PAYMENT, RECONCILE_PAYMENT, Rules, move, pay_with, release_held
from reference_server.payments.lifecycle import PaymentEvent, is_in_review
from reference_server.payments.model import Payment, PaymentAttempt
from reference_server.payments.store import find_unnamed_attempt, get_payment
from reference_server.payments.takings import Subject, give_back, list_money
from reference_server.refunds.apply import Wanted
from reference_server.refunds.model import RefundCause


class Decision(Enum):
    """What a person may say."""

    ACCEPT = "accept"
    RETURN = "return"


def word_decision(decision: str, note: str | None) -> str:
    """Return what the audit trail says of it."""
    return f"a person decided: {decision}" + (f" ({note})" if note else "")


def require_in_review(payment: Payment) -> None:
    """Raise `ConflictError` where there is nothing to decide."""
    if not is_in_review(payment.state):
        raise ConflictError(f"the payment is {payment.state.value}: nobody waits for a decision", state=payment.state)


def require_wanted(payment: Payment) -> None:
    """Raise `ConflictError` where the merchant has called the payment off: its money is on its way back."""
    if payment.is_withdrawn:
        raise ConflictError("the payment was called off: what came for it, or is held, can only be returned")


def decide_payment(
    session: Session, payment_id: PaymentId, decision: Decision, *, rules: Rules, occasion: Occasion
) -> None:
    """Carry the decision out with all that follows. Raises `ConflictError` where there is nothing to decide.

    What is accepted is what came, more or less than the order as it may be: the sums stay true.
    """
    payment = get_payment(session, payment_id)
    require_in_review(payment)
    subject = Subject(payment, get_order(session, payment.order_id))
    money = list_money(session, payment)
    if decision is Decision.RETURN:
        # What nobody has told of yet is not wanted either.
        payment.is_withdrawn = True
        move(session, subject, PaymentEvent.RETURNED, rules=rules, occasion=occasion)
        for attempt in money:
            wanted = Wanted(RefundCause.RETURNED, occasion.cause)
            give_back(session, subject, attempt, wanted=wanted, occasion=occasion)
        _end_at_acquirer(session, subject, at=occasion.at)
        return
    require_wanted(payment)
    chosen = _choose(money, subject.order.money)
    move(session, subject, PaymentEvent.ACCEPTED, rules=rules, occasion=occasion)
    pay_with(session, subject, chosen, occasion=occasion)


def _end_at_acquirer(session: Session, subject: Subject, *, at: datetime) -> None:
    """Owe the end of whatever a gateway holds, or may hold: it is asked until that is known."""
    release_held(session, subject, at=at)
    payment = subject.payment
    name = RECONCILE_PAYMENT if payment.session_id else ACQUIRE_PAYMENT
    if find_unnamed_attempt(session, payment) is not None:
        jobs.owe(session, Duty(name, payment.id, subject.order.reference), due_at=at)


def _choose(money: Sequence[PaymentAttempt], wanted: Money) -> PaymentAttempt:
    in_currency = [one for one in money if one.taken_currency == wanted.currency]
    if not money:
        raise ConflictError("the gateway has told of no money for this payment, so there is none to accept")
    if not in_currency:
        came = ", ".join(sorted({one.taken_currency for one in money}))
        raise ConflictError(f"what came is in {came}, not in the order's {wanted.currency}: it can only be returned")
    whole = [one for one in in_currency if one.taken_minor == wanted.amount_minor]
    return (whole or in_currency)[0]
