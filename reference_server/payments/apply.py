"""The one door of change: load, lock, judge, advance by the table, store, write the audit line, owe what follows.

Everything in one unit of work. Whatever is told twice changes nothing the second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.database import aftermath_of
from reference_server.fulfilment.apply import owe_fulfilment
from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.ids import AttemptId, PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.schedule import HELD_EVERY
from reference_server.jobs.store import Duty
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.attempts import AttemptEvent, AttemptState, advance_attempt, attempt_takes
from reference_server.payments.judgement import Expected, Judgement, LateCapture, NothingFollows, judge, judge_lateness
from reference_server.payments.lifecycle import (
    TRANSITIONS,
    PaymentEvent,
    PaymentState,
    advance,
    has_ended_without_money,
    takes,
)
from reference_server.payments.model import Asked, Payment, PaymentAttempt
from reference_server.payments.store import (
    find_attempt,
    find_sibling,
    find_unnamed_attempt,
    get_payment,
    keep_answer,
    list_attempts,
)
from reference_server.payments.takings import (
    Subject,
    count_in,
    give_back,
    give_back_surplus,
    is_paid_by_another,
    note_taken,
)
from reference_server.refunds.apply import Wanted
from reference_server.refunds.model import RefundCause

EXPIRE_SESSION = "expire_session"
RECONCILE_PAYMENT = "reconcile_payment"
LAPSE_HOLD = "lapse_hold"
ACQUIRE_PAYMENT = "acquire_payment"
FINISH_AUTHORIZATION = "finish_authorization"
LAPSE_AUTHORIZATION = "lapse_authorization"

_MONEY_WORDS = {GatewayWord.CAPTURED, GatewayWord.HELD, GatewayWord.AUTHORIZED}
_MONEY_TOLD = {PaymentEvent.CAPTURED, PaymentEvent.HELD}
_MONEY_EVENTS = {AttemptEvent.CAPTURED, AttemptEvent.HELD}


class Outcome(Enum):
    """What became of a gateway's report."""

    # The payment moved.
    MOVED = "moved"
    # It was so already, or cannot become so any more.
    STANDS = "stands"
    # The gateway does not know yet.
    UNDECIDED = "undecided"
    # The gateway spoke of something else: it is to be asked again.
    NO_ANSWER = "no_answer"
    # The report does not bear out that anything happened to this payment.
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings decide, and the draw of ids for tries that the gateway was first to name."""

    late_capture: LateCapture
    hold: timedelta
    draw_attempt_id: Callable[[], AttemptId]
    # How long authorized money waits for its capture before it is released.
    authorization: timedelta = timedelta(days=7)
    # How often a payment that was declined for a passing reason is tried again by itself.
    further_tries: int = 0


def apply_report(
    session: Session, payment_id: PaymentId, report: GatewayReport, *, rules: Rules, occasion: Occasion
) -> Outcome:
    """Bring what the gateway answered to the payment."""
    payment = get_payment(session, payment_id)
    keep_answer(session, payment_id, report.evidence, occasion=occasion)
    sibling = find_sibling(session, payment, report.tag)
    if sibling is not None:
        # Several sessions share the order's reference; the tag that we gave each says whose this is.
        if report.word not in _MONEY_WORDS:
            return Outcome.UNDECIDED if report.word is GatewayWord.PENDING else Outcome.REFUTED
        payment = sibling
    subject = Subject(payment, get_order(session, payment.order_id))
    expected = _expected_of(subject)
    judgement = judge(report, expected)
    if isinstance(judgement, NothingFollows):
        aftermath_of(session).notes.append(judgement.cause)
        if judgement.is_of_money:
            unmatched = Occasion(occasion.at, f"refused: {judgement.cause}")
            _note(session, subject, event=report.word.value, occasion=unmatched)
        if judgement.is_no_answer:
            return Outcome.NO_ANSWER
        return Outcome.UNDECIDED if report.word is GatewayWord.PENDING else Outcome.REFUTED
    judgement = _judge_further(session, subject, judgement, report=report, rules=rules)
    attempt = _find_or_add_attempt(session, payment, report, rules=rules, occasion=occasion)
    if attempt is not None and attempt.payment_id != payment.id:
        elsewhere = Occasion(occasion.at, "that money is another payment's")
        _refuse(session, subject, judgement=judgement, occasion=elsewhere)
        return Outcome.REFUTED
    outcome = _apply_judgement(session, subject, judgement, attempt=attempt, told=_Told(report, rules, occasion))
    if attempt is not None and attempt.state is AttemptState.AUTHORIZED and has_ended_without_money(payment.state):
        release_held(session, subject, at=occasion.at)
    return outcome


def apply_event(
    session: Session, payment_id: PaymentId, event: PaymentEvent, *, rules: Rules, occasion: Occasion
) -> Outcome:
    """Bring a timer's event to the payment."""
    payment = get_payment(session, payment_id)
    if not takes(payment.state, event):
        return Outcome.STANDS
    subject = Subject(payment, get_order(session, payment.order_id))
    if event in {PaymentEvent.EXPIRED, PaymentEvent.CANCELLED}:
        _abandon_unnamed(session, subject, occasion)
    move(session, subject, event, rules=rules, occasion=occasion)
    return Outcome.MOVED


def move(session: Session, subject: Subject, event: PaymentEvent, *, rules: Rules, occasion: Occasion) -> None:
    """Advance by the table, write the audit line, owe what follows. Raises `LifecycleError`."""
    payment, order = subject.payment, subject.order
    before, payment.state = payment.state, advance(payment.state, event)
    payment.updated_at = occasion.at
    after = payment.state.value
    change = Change("payment", order.reference, before.value, after, event.value, occasion.cause, payment.id)
    audit.record(session, change, order_id=order.id, at=occasion.at)
    _owe_what_follows(session, subject, before=before, rules=rules, occasion=occasion)
    session.add(payment)


def pay_with(session: Session, subject: Subject, attempt: PaymentAttempt, *, occasion: Occasion) -> None:
    """Let a try's money be what pays the order, and give back all else; all of it if the order is paid already."""
    if is_paid_by_another(session, subject.payment):
        give_back_surplus(session, subject, occasion)
        return
    subject.payment.paid_by = attempt.gateway_reference or ""
    count_in(session, subject, attempt, occasion=occasion)
    give_back_surplus(session, subject, occasion)
    owe_fulfilment(session, subject.order, now=occasion.at)


def release_held(session: Session, subject: Subject, *, at: datetime) -> None:
    """Owe the release of money that an acquirer holds for a payment that ended without it: nobody else ends that."""
    payment = subject.payment
    if payment.session_id or payment.asked is Asked.VOID:
        return
    if any(attempt.state is AttemptState.AUTHORIZED for attempt in list_attempts(session, payment.id)):
        payment.asked = Asked.VOID
        session.add(payment)
        jobs.owe(session, Duty(FINISH_AUTHORIZATION, payment.id, subject.order.reference), due_at=at)


@dataclass(frozen=True, slots=True)
class _Told:
    report: GatewayReport
    rules: Rules
    occasion: Occasion


def _apply_judgement(
    session: Session, subject: Subject, judgement: Judgement, *, attempt: PaymentAttempt | None, told: _Told
) -> Outcome:
    event, payment = judgement.payment_event, subject.payment
    occasion = Occasion(told.occasion.at, judgement.cause)
    is_news = attempt is not None and _move_attempt(session, subject, attempt, judgement=judgement, told=told)
    if attempt is not None and attempt.is_counted:
        # It paid, or it is on its way back: whatever is said of it now undoes neither.
        if judgement.payment_event not in _MONEY_TOLD and not _is_so_already(payment.state, event):
            _refuse(session, subject, judgement=judgement, occasion=occasion)
        return Outcome.STANDS
    if judgement.goes_back and attempt is not None:
        _refuse(session, subject, judgement=judgement, occasion=occasion)
        if event is not PaymentEvent.AUTHORIZED:
            wanted = Wanted(RefundCause.LATE_MONEY, judgement.cause)
            give_back(session, subject, attempt, wanted=wanted, occasion=occasion)
            _end_withdrawn(session, subject, rules=told.rules, occasion=occasion)
        return Outcome.STANDS
    if not takes(payment.state, event):
        if is_news or not _is_so_already(payment.state, event):
            _refuse(session, subject, judgement=judgement, occasion=occasion)
        if payment.state is PaymentState.CAPTURED and judgement.attempt_event in _MONEY_EVENTS:
            give_back_surplus(session, subject, occasion)
        return Outcome.STANDS
    if event is PaymentEvent.FAILED:
        decline = told.report.decline
        payment.error_code = "" if decline is None else decline.code
        payment.error_description = judgement.cause if decline is None else decline.description
    move(session, subject, event, rules=told.rules, occasion=occasion)
    if event is PaymentEvent.CAPTURED and attempt is not None:
        pay_with(session, subject, attempt, occasion=occasion)
    return Outcome.MOVED


def _expected_of(subject: Subject) -> Expected:
    payment, order = subject.payment, subject.order
    part = Money(payment.to_capture_minor, order.currency) if payment.to_capture_minor else None
    return Expected(order.reference, order.money, payment.expires_at, payment.session_id, part)


def _judge_further(
    session: Session, subject: Subject, judgement: Judgement, *, report: GatewayReport, rules: Rules
) -> Judgement:
    """Let the policies have their say: on late money, and on tries that are declined or refused."""
    payment = subject.payment
    ended_as, policy = payment.state, rules.late_capture
    if payment.is_withdrawn:
        # In whichever way and time it ended, the merchant wants its money no more.
        ended_as, policy = PaymentState.CANCELLED, LateCapture.REFUND
    expected = _expected_of(subject)
    judgement = judge_lateness(judgement, ended_as, report=report, expected=expected, policy=policy)
    if payment.asked is Asked.CAPTURE and judgement.attempt_event is AttemptEvent.DECLINED:
        # Nothing is captured; what was held is held until somebody releases it.
        judgement = replace(judgement, attempt_event=AttemptEvent.AUTHORIZED)
    if _is_tried_again(session, payment, judgement, report=report, rules=rules):
        judgement = replace(judgement, payment_event=PaymentEvent.ATTEMPT_DECLINED)
    return judgement


def _is_tried_again(
    session: Session, payment: Payment, judgement: Judgement, *, report: GatewayReport, rules: Rules
) -> bool:
    """Say whether a decline ends this try alone: its reason passes, and tries are left."""
    is_passing = report.decline is not None and report.decline.is_passing
    is_open = payment.state is PaymentState.PENDING and judgement.payment_event is PaymentEvent.FAILED
    return is_passing and is_open and len(list_attempts(session, payment.id)) <= rules.further_tries


def _owe_what_follows(
    session: Session, subject: Subject, *, before: PaymentState, rules: Rules, occasion: Occasion
) -> None:
    payment, order = subject.payment, subject.order
    if payment.state is not PaymentState.PENDING and payment.session_id:
        jobs.forgive(session, EXPIRE_SESSION, about=payment.id)
    if payment.state is PaymentState.HELD:
        first = occasion.at + min(rules.hold, HELD_EVERY)
        jobs.owe(session, Duty(LAPSE_HOLD, payment.id, order.reference), due_at=first)
    elif before is PaymentState.HELD:
        jobs.forgive(session, LAPSE_HOLD, about=payment.id)
    if payment.state is PaymentState.AUTHORIZED and not payment.session_id:
        payment.expires_at = occasion.at + rules.authorization
        jobs.owe(session, Duty(LAPSE_AUTHORIZATION, payment.id, order.reference), due_at=payment.expires_at)
    elif before is PaymentState.AUTHORIZED:
        jobs.forgive(session, LAPSE_AUTHORIZATION, about=payment.id)
    if payment.state in {PaymentState.CAPTURED, PaymentState.NEEDS_REVIEW} and payment.session_id:
        # Asked on, the gateway could tell of no second money: of a session key it answers one try (SSLCommerz, fact
        # sheet 8). The order's other sessions ask for themselves, and a person's decision asks first.
        jobs.forgive(session, RECONCILE_PAYMENT, about=payment.id)


def _end_withdrawn(session: Session, subject: Subject, *, rules: Rules, occasion: Occasion) -> None:
    """End a payment whose void came too late: the money was captured, and goes back."""
    if subject.payment.state is PaymentState.AUTHORIZED:
        move(session, subject, PaymentEvent.CANCELLED, rules=rules, occasion=occasion)


def _find_or_add_attempt(
    session: Session, payment: Payment, report: GatewayReport, *, rules: Rules, occasion: Occasion
) -> PaymentAttempt | None:
    """Return the try that the report is about; a try that the gateway has not named yet takes its name."""
    unnamed = find_unnamed_attempt(session, payment)
    if not report.gateway_reference:
        return unnamed
    named = find_attempt(session, payment, report.gateway_reference)
    if named is not None:
        return named
    attempt = unnamed or PaymentAttempt(
        id=rules.draw_attempt_id(),
        payment_id=payment.id,
        merchant_id=payment.merchant_id,
        gateway=payment.gateway,
        state=AttemptState.STARTED,
        updated_at=occasion.at,
    )
    attempt.gateway_reference = report.gateway_reference
    session.add(attempt)
    session.flush()
    return attempt


def _move_attempt(
    session: Session, subject: Subject, attempt: PaymentAttempt, *, judgement: Judgement, told: _Told
) -> bool:
    """Move the try and say whether that was news. A second try that brings money is kept for its refund."""
    event = judgement.attempt_event
    attempt.evidence = told.report.evidence
    note_taken(attempt, told.report)
    session.add(attempt)
    if not attempt_takes(attempt.state, event):
        return False
    before, attempt.state = attempt.state, advance_attempt(attempt.state, event)
    attempt.reason, attempt.updated_at = told.report.reason, told.occasion.at
    cause, after = told.report.reason or told.occasion.cause, attempt.state.value
    change = Change("attempt", attempt.id, before.value, after, event.value, cause, attempt.payment_id)
    audit.record(session, change, order_id=subject.order.id, at=told.occasion.at)
    return True


def _abandon_unnamed(session: Session, subject: Subject, occasion: Occasion) -> None:
    attempt = find_unnamed_attempt(session, subject.payment)
    if attempt is None or not attempt_takes(attempt.state, AttemptEvent.ABANDONED):
        return
    before, attempt.state = attempt.state, advance_attempt(attempt.state, AttemptEvent.ABANDONED)
    session.add(attempt)
    after = attempt.state.value
    change = Change("attempt", attempt.id, before.value, after, "abandoned", occasion.cause, attempt.payment_id)
    audit.record(session, change, order_id=subject.order.id, at=occasion.at)


def _is_so_already(state: PaymentState, event: PaymentEvent) -> bool:
    return any(cells.get(event) is state for cells in TRANSITIONS.values())


def _refuse(session: Session, subject: Subject, *, judgement: Judgement, occasion: Occasion) -> None:
    """Note in the audit trail what was told and moves nothing: late failures, and money that is to go back."""
    is_paid = subject.payment.state is PaymentState.CAPTURED
    why = "goes back" if judgement.goes_back else "paid already" if is_paid else "no such transition"
    cause = f"refused, {why}: {occasion.cause}"
    _note(session, subject, event=judgement.payment_event.value, occasion=Occasion(occasion.at, cause))


def _note(session: Session, subject: Subject, *, event: str, occasion: Occasion) -> None:
    state = subject.payment.state.value
    change = Change("payment", subject.order.reference, state, state, event, occasion.cause, subject.payment.id)
    audit.record(session, change, order_id=subject.order.id, at=occasion.at)
