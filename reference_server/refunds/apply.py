"""The one door of change of a refund: owe it with what causes it, advance by the table, write the audit line.

Whoever calls holds the lock of the payment, so that what is back and on its way never exceeds what came.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.ids import RefundId
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.orders.model import Order
from reference_server.payments.model import PaymentAttempt
from reference_server.payments.store import list_attempts, lock_payments
from reference_server.refunds.lifecycle import RefundEvent, RefundState, advance_refund
from reference_server.refunds.model import Refund, RefundCause
from reference_server.refunds.store import left_of, list_refunds_of_attempt

SEND_REFUND = "send_refund"
FOLLOW_REFUND = "follow_refund"
# What the ids of refunds begin with, and the references of those that the merchant gave none.
OWN_REFERENCES = "rfnd_"
_UNSUCCESSFUL = {RefundState.FAILED, RefundState.NEEDS_REVIEW}


# How long a gateway of that name waits with the refund of that key.
Waits = Callable[[str, str], timedelta]


def at_once(gateway: str, key: str) -> timedelta:
    """Let nobody wait."""
    return timedelta()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Why money is to go back, and how much: in minor units of what came, None for all that is left.

    `waits` saves a job that would only find that its gateway is not ready; whoever sends asks the gateway anyway.
    """

    cause: RefundCause
    reason: str
    amount_minor: int | None = None
    reference: str = ""
    waits: Waits = at_once


def owe_refund(
    session: Session, attempt: PaymentAttempt, *, order: Order, wanted: Wanted, at: datetime
) -> Refund | None:
    """Owe the return of a try's money; None when nothing is left of it. The sum asked for is never more than that."""
    left = left_of(session, attempt)
    amount_minor = left.amount_minor if wanted.amount_minor is None else wanted.amount_minor
    if amount_minor <= 0:
        return None
    # Rounded down for a part and all the rest for the last one: together just what the gateway keeps.
    part = attempt.settled_minor * amount_minor // attempt.taken_minor
    settled_minor = left.settled_minor if amount_minor == left.amount_minor else part
    # The key follows from the try and its place: whatever happens to us, this refund never has another.
    key = f"{attempt.id.removeprefix('att_')}-{len(list_refunds_of_attempt(session, attempt.id)) + 1}"
    refund = Refund(
        id=RefundId(f"{OWN_REFERENCES}{key}"),
        order_id=order.id,
        payment_id=attempt.payment_id,
        attempt_id=attempt.id,
        merchant_id=attempt.merchant_id,
        gateway=attempt.gateway,
        reference=wanted.reference or f"{OWN_REFERENCES}{key}",
        cause=wanted.cause,
        reason=wanted.reason,
        amount_minor=amount_minor,
        currency=attempt.taken_currency,
        settled_minor=settled_minor,
        settled_currency=attempt.settled_currency,
        state=RefundState.PENDING,
        gateway_key=key,
        created_at=at,
        updated_at=at,
    )
    session.add(refund)
    session.flush()
    _record_owed(session, refund, order=order, due_at=at + wanted.waits(refund.gateway, key))
    return refund


def give_back_order(session: Session, order: Order, *, wanted: Wanted, at: datetime) -> None:
    """Owe the return of all that is left of an order's money, whichever payment it came by."""
    for payment in lock_payments(session, order.id):
        for attempt in list_attempts(session, payment.id):
            if attempt.is_counted:
                owe_refund(session, attempt, order=order, wanted=wanted, at=at)


def is_any_left(session: Session, order: Order) -> bool:
    """Say whether any of an order's money is kept: neither back nor on its way."""
    counted = [
        attempt
        for payment in lock_payments(session, order.id)
        for attempt in list_attempts(session, payment.id)
        if attempt.is_counted
    ]
    return any(left_of(session, attempt).amount_minor for attempt in counted)


def apply_refund_event(
    session: Session, refund: Refund, event: RefundEvent, *, order: Order, occasion: Occasion
) -> None:
    """Move the refund. Raises `LifecycleError` where the table has no such cell."""
    before, refund.state = refund.state, advance_refund(refund.state, event)
    refund.updated_at = occasion.at
    if refund.state is RefundState.PROCESSED:
        refund.processed_at = occasion.at
    refund.failure = occasion.cause if refund.state in _UNSUCCESSFUL else ""
    session.add(refund)
    change = Change("refund", refund.id, before.value, refund.state.value, event.value, occasion.cause)
    audit.record(session, change, order_id=refund.order_id, at=occasion.at)
    if event is RefundEvent.ASKED_AGAIN:
        name = FOLLOW_REFUND if refund.gateway_reference else SEND_REFUND
        jobs.owe(session, Duty(name, refund.id, order.reference), due_at=occasion.at)


def _record_owed(session: Session, refund: Refund, *, order: Order, due_at: datetime) -> None:
    cause = f"{refund.cause.value}: {refund.money.decimal_text} {refund.currency}, {refund.reason}"
    change = Change("refund", refund.id, "", refund.state.value, "owed", cause)
    audit.record(session, change, order_id=order.id, at=refund.created_at)
    jobs.owe(session, Duty(SEND_REFUND, refund.id, order.reference), due_at=due_at)
