"""What a merchant may ask of a payment that has no captured money yet: to capture it, or to call it off.

What a gateway has to do for that is noted here and done by `acquiring.py`: what is noted is finished, whatever happens.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError, InvalidError
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.orders.store import get_order
from reference_server.payments.apply import ACQUIRE_PAYMENT, FINISH_AUTHORIZATION, Rules
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.model import Asked, Payment
from reference_server.payments.withdrawal import withdraw_payment

# Whoever asked finishes it at once; a job looks after it if he died meanwhile.
TAKEN_UP_AFTER = timedelta(minutes=1)


def ask_to_capture(session: Session, payment: Payment, amount_minor: int | None, *, now: datetime) -> None:
    """Note that so much is to be captured, None for all. Raises `ConflictError` where nothing can be, or is already.

    Raises `InvalidError` for more than is authorized.
    """
    order = get_order(session, payment.order_id)
    if payment.state is not PaymentState.AUTHORIZED:
        raise ConflictError(f"the payment is {payment.state.value}: only an AUTHORIZED one can be captured")
    _require_nothing_asked(payment)
    if amount_minor is not None and amount_minor > order.amount_minor:
        told = f"only {order.amount_minor} is authorized"
        raise InvalidError(told, pointer="/amount", rule="maximum")
    payment.to_capture_minor = amount_minor or order.amount_minor
    _ask(session, payment, Asked.CAPTURE, subject=order.reference, at=now)


def cancel_or_ask_to_void(session: Session, payment: Payment, *, rules: Rules, occasion: Occasion) -> None:
    """End a payment without money, or note that its authorization is to be voided; twice is once.

    Raises `ConflictError` where there is money, or is about to be.
    """
    if payment.session_id:
        told = f"its shopper pays on a gateway's page: POST /payment/withdraw/{payment.session_id} calls it off"
        raise ConflictError(told)
    if payment.state is PaymentState.AUTHORIZED:
        _require_nothing_asked(payment, but=Asked.VOID)
        payment.is_withdrawn = True
        _ask(session, payment, Asked.VOID, subject=get_order(session, payment.order_id).reference, at=occasion.at)
        return
    if payment.state is PaymentState.CANCELLED and payment.is_withdrawn:
        return
    was_open = payment.state is PaymentState.PENDING
    withdraw_payment(session, payment.id, rules=rules, occasion=occasion)
    # What is owed for one that had ended finds out what became of its money: that is never forgotten.
    if was_open:
        _end_acquiring(session, payment, at=occasion.at)


def _end_acquiring(session: Session, payment: Payment, *, at: datetime) -> None:
    """Ask for no money any more; what was asked for already may have come, and is found out.

    What is under way finds the payment called off when its answer comes. An answer that was lost is asked for soon.
    """
    if not jobs.was_begun(session, ACQUIRE_PAYMENT, about=payment.id):
        jobs.forgive(session, ACQUIRE_PAYMENT, about=payment.id)
    elif not jobs.is_under_way(session, ACQUIRE_PAYMENT, about=payment.id):
        duty = Duty(ACQUIRE_PAYMENT, payment.id, get_order(session, payment.order_id).reference)
        jobs.owe(session, duty, due_at=at)


def _require_nothing_asked(payment: Payment, *, but: Asked = Asked.NOTHING) -> None:
    if payment.asked not in {Asked.NOTHING, but}:
        raise ConflictError(f"the gateway is being asked to {payment.asked.value} it; its answer ends that by itself")


def _ask(session: Session, payment: Payment, asked: Asked, *, subject: str, at: datetime) -> None:
    payment.asked = asked
    session.add(payment)
    jobs.owe(session, Duty(FINISH_AUTHORIZATION, payment.id, subject), due_at=at + TAKEN_UP_AFTER)
