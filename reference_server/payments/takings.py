"""What came on each try at a payment: noted as the gateway states it, counted once, and given back where it is surplus.

Part of the one door of change: every function here runs inside a unit of work of `apply.py` that holds the payment.
"""

from dataclasses import dataclass

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.gateways.gateway import GatewayReport
from reference_server.orders.model import Order
from reference_server.orders.store import lock_facts
from reference_server.payments.attempts import AttemptEvent, AttemptState, advance_attempt, attempt_takes
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.model import Payment, PaymentAttempt
from reference_server.payments.store import list_attempts, list_standings
from reference_server.refunds.apply import Wanted, owe_refund
from reference_server.refunds.model import RefundCause

_MONEY = {AttemptState.HELD, AttemptState.CAPTURED}


@dataclass(frozen=True, slots=True)
class Subject:
    """The payment that a unit of work is about, with its order."""

    payment: Payment
    order: Order


def note_taken(attempt: PaymentAttempt, report: GatewayReport) -> None:
    """Keep what the gateway says that came; once it is counted, only what was missing."""
    if attempt.is_counted or not report.claims:
        attempt.money_reference = attempt.money_reference or report.money_reference
        return
    taken = report.claims[0]
    settled = report.settled or taken
    attempt.taken_minor, attempt.taken_currency = taken.amount_minor, taken.currency
    attempt.settled_minor, attempt.settled_currency = settled.amount_minor, settled.currency
    attempt.money_reference = report.money_reference or attempt.money_reference


def list_money(session: Session, payment: Payment) -> list[PaymentAttempt]:
    """Return the tries whose money is there and not counted yet."""
    attempts = list_attempts(session, payment.id)
    return [one for one in attempts if one.state in _MONEY and one.taken_minor and not one.is_counted]


def count_in(session: Session, subject: Subject, attempt: PaymentAttempt, *, occasion: Occasion) -> None:
    """Make a try's money part of what the payment captured."""
    capture_attempt(session, subject, attempt, occasion=occasion)
    if attempt.is_counted:
        return
    attempt.is_counted = True
    if attempt.taken_currency == subject.order.currency:
        subject.payment.captured_minor += attempt.taken_minor
    session.add(attempt)
    session.add(subject.payment)


def give_back(
    session: Session, subject: Subject, attempt: PaymentAttempt, *, wanted: Wanted, occasion: Occasion
) -> None:
    """Count a try's money in and owe its return."""
    count_in(session, subject, attempt, occasion=occasion)
    owe_refund(session, attempt, order=subject.order, wanted=wanted, at=occasion.at)


def give_back_surplus(session: Session, subject: Subject, occasion: Occasion) -> None:
    """Give back whatever is there beside the money that pays the order (failure catalogue E03)."""
    wanted = Wanted(RefundCause.SECOND_MONEY, "the order is paid already")
    for attempt in list_money(session, subject.payment):
        give_back(session, subject, attempt, wanted=wanted, occasion=occasion)


def is_paid_by_another(session: Session, payment: Payment) -> bool:
    """Say whether the order has its money by another payment already; until this ends, no other can come by it."""
    # The order, not its payments: two that come by money at once would each wait for the other's.
    lock_facts(session, payment.order_id)
    standings = list_standings(session, payment.order_id)
    return any(one != payment.id and state is PaymentState.CAPTURED for one, state in standings)


def capture_attempt(session: Session, subject: Subject, attempt: PaymentAttempt, *, occasion: Occasion) -> None:
    """Let a try that was held stand as captured: somebody decided on its money."""
    if not attempt_takes(attempt.state, AttemptEvent.CAPTURED):
        return
    before, attempt.state = attempt.state, advance_attempt(attempt.state, AttemptEvent.CAPTURED)
    attempt.updated_at = occasion.at
    session.add(attempt)
    after = attempt.state.value
    change = Change("attempt", attempt.id, before.value, after, "captured", occasion.cause, attempt.payment_id)
    audit.record(session, change, order_id=subject.order.id, at=occasion.at)
