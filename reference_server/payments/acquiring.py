"""The jobs of a payment that we bring to an acquirer ourselves: asking for the money, and ending an authorization.

An acquirer does nothing twice for the same key, so that a call whose answer was lost is simply made again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError
from reference_server.gateways.gateway import (
    Acquirer,
    Authorization,
    AuthorizationRequest,
    GatewayReport,
    GatewayWord,
    Method,
)
from reference_server.ids import PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.schedule import ACQUIRE, next_due_at, next_further_try
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.apply import FINISH_AUTHORIZATION, Outcome, Rules, apply_event, apply_report
from reference_server.payments.attempts import AttemptState
from reference_server.payments.creation import attempt_id_of
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.model import Asked, Payment, PaymentAttempt
from reference_server.payments.store import find_unnamed_attempt, get_payment, insert_attempt, list_attempts

_MAY_BE_VOIDED = {AttemptState.AUTHORIZED}


class Acquiring:
    """The functions of `acquire_payment`, `finish_authorization` and `lapse_authorization`."""

    def __init__(self, database: Database, clock: Clock, *, acquirer: Acquirer, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._acquirer = acquirer
        self._rules = rules

    async def acquire_payment(self, claim: Claim) -> Conclusion:
        """Ask the acquirer for the money of a payment that still wants it, and bring its answer to the payment."""
        payment_id = PaymentId(claim.duty.about)
        request = await self._database.read(lambda session: _read_request(session, payment_id))
        if request is None:
            return lambda _: None
        try:
            report = await self._acquirer.authorize(request)
        except GatewayError:
            return lambda session: self._ask_again(session, claim)

        def conclude(session: Session) -> datetime | None:
            occasion = Occasion(self._clock.now(), "asked by acquire_payment")
            outcome = apply_report(session, payment_id, report, rules=self._rules, occasion=occasion)
            payment = get_payment(session, payment_id)
            if payment.state is not PaymentState.PENDING:
                return None
            # Moved and still pending is declined with tries left; anything else was no answer.
            return self._try_further(session, payment) if outcome is Outcome.MOVED else self._ask_again(session, claim)

        return conclude

    async def finish_authorization(self, claim: Claim) -> Conclusion:
        """Take up a capture or a void whose answer was never stored."""
        try:
            finish = await self.finish(PaymentId(claim.duty.about))
        except GatewayError:
            return lambda _: next_due_at(ACQUIRE, min(claim.tries + 1, len(ACQUIRE)), now=self._clock.now())

        def conclude(session: Session) -> datetime | None:
            finish(session)

        return conclude

    async def lapse_authorization(self, claim: Claim) -> Conclusion:
        """Release money that nobody captured in time."""
        payment_id = PaymentId(claim.duty.about)

        def ask(session: Session) -> bool:
            payment = get_payment(session, payment_id)
            if payment.state is PaymentState.AUTHORIZED and payment.asked is Asked.NOTHING:
                payment.asked = Asked.LAPSE
                session.add(payment)
            return payment.asked is Asked.LAPSE

        if not await self._database.run(ask):
            # Captured or voided, or just about to be: that ends this duty, or finds it again.
            return lambda _: None
        return await self.finish_authorization(claim)

    async def finish(self, payment_id: PaymentId) -> Callable[[Session], Payment]:
        """Make the call that was asked for and return what brings its answer home. Raises `GatewayError`."""
        asked, authorization = await self._database.read(lambda session: _read_asked(session, payment_id))
        report = None if authorization is None else await self._call(asked, authorization)

        def conclude(session: Session) -> Payment:
            payment = get_payment(session, payment_id)
            if asked is Asked.NOTHING or payment.asked is not asked:
                # Somebody brought the answer home meanwhile; and what has been asked since then is still to be done.
                return payment
            if report is not None:
                occasion = Occasion(self._clock.now(), f"asked to {asked.value}")
                apply_report(session, payment_id, report, rules=self._rules, occasion=occasion)
            payment.asked = Asked.NOTHING
            session.add(payment)
            jobs.forgive(session, FINISH_AUTHORIZATION, about=payment_id)
            return payment

        return conclude

    async def _call(self, asked: Asked, authorization: Authorization) -> GatewayReport:
        if asked is Asked.CAPTURE:
            return await self._acquirer.capture(authorization)
        report = await self._acquirer.void(authorization)
        if asked is Asked.LAPSE and report.word is GatewayWord.CANCELLED:
            return replace(report, word=GatewayWord.EXPIRED, reason="it was not captured in time")
        return report

    def _ask_again(self, session: Session, claim: Claim) -> datetime | None:
        """Ask on the schedule; at its end there may be money, so a person has to look."""
        again_at = next_due_at(ACQUIRE, claim.tries + 1, now=self._clock.now())
        if again_at is None:
            occasion = Occasion(self._clock.now(), "the acquirer could not be asked")
            payment_id = PaymentId(claim.duty.about)
            apply_event(session, payment_id, PaymentEvent.UNEXPLAINED, rules=self._rules, occasion=occasion)
        return again_at

    def _try_further(self, session: Session, payment: Payment) -> datetime:
        """Add the next try of a payment whose last one was declined for a reason that passes."""
        now, nth = self._clock.now(), len(list_attempts(session, payment.id)) + 1
        attempt_id = attempt_id_of(payment.id, nth)
        row: dict[str, object] = {"id": attempt_id, "payment_id": payment.id, "merchant_id": payment.merchant_id}
        row |= {"gateway": payment.gateway, "state": AttemptState.STARTED, "updated_at": now}
        insert_attempt(session, row)
        return next_further_try(nth, now=now) + self._acquirer.answers_after(attempt_id)


def _read_request(session: Session, payment_id: PaymentId) -> AuthorizationRequest | None:
    """Return what the acquirer is to be asked; nothing for a payment that has ended, or has its answer."""
    payment = get_payment(session, payment_id)
    attempt = find_unnamed_attempt(session, payment)
    if payment.state is not PaymentState.PENDING or attempt is None:
        return None
    order = get_order(session, payment.order_id)
    captures = not payment.is_captured_by_merchant
    return AuthorizationRequest(attempt.id, order.reference, order.money, Method(payment.method), captures)


def _read_asked(session: Session, payment_id: PaymentId) -> tuple[Asked, Authorization | None]:
    payment = get_payment(session, payment_id)
    held = [one for one in list_attempts(session, payment.id) if one.state in _MAY_BE_VOIDED]
    if payment.asked is Asked.NOTHING or not held:
        return payment.asked, None
    return payment.asked, _authorization_of(payment, held[0], get_order(session, payment.order_id))


def _authorization_of(payment: Payment, attempt: PaymentAttempt, order: Order) -> Authorization:
    is_part = payment.asked is Asked.CAPTURE and payment.to_capture_minor
    money = replace(order.money, amount_minor=payment.to_capture_minor) if is_part else order.money
    return Authorization(attempt.gateway_reference or "", order.reference, money)
