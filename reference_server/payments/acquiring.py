"""The jobs of a payment that we bring to an acquirer ourselves: asking for the money, and ending an authorization.

An acquirer does nothing twice for the same key, so that a call whose answer was lost is simply made again. Nobody is
asked without end: where the schedule ends in silence there may be money, and a person has to look.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError, GatewayRefusedError
from reference_server.gateways.gateway import (
    Acquirer,
    Authorization,
    AuthorizationRequest,
    GatewayReport,
    GatewayWord,
)
from reference_server.ids import PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.schedule import ACQUIRE, next_due_at, next_further_try
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.orders.store import get_order
from reference_server.payments.apply import FINISH_AUTHORIZATION, Outcome, Rules, apply_event, apply_report
from reference_server.payments.attempts import AttemptState
from reference_server.payments.creation import attempt_id_of
from reference_server.payments.lifecycle import PaymentEvent, PaymentState, has_ended_without_money
from reference_server.payments.model import Asked, Payment, PaymentAttempt
from reference_server.payments.requests import authorization_of, read_refusal, request_of
from reference_server.payments.store import (
    find_unnamed_attempt,
    get_attempt,
    get_payment,
    insert_attempt,
    list_attempts,
)

# Nobody knows yet what became of them.
_UNKNOWN = {AttemptState.STARTED, AttemptState.ABANDONED}
_ANSWERED = {Outcome.MOVED, Outcome.STANDS}
# What a void may say; after anything else the money may be held still.
_RELEASED = {GatewayWord.CANCELLED, GatewayWord.EXPIRED}
_TAKEN = {GatewayWord.CAPTURED, GatewayWord.HELD}
_MAY_BE_MONEY = _TAKEN | {GatewayWord.AUTHORIZED, GatewayWord.PENDING}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the acquirer is to be asked about one try; nobody wants the money of one that is not `is_open`."""

    request: AuthorizationRequest
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Asking:
    """What it is asked to do with an authorization; nothing where none is held any more."""

    asked: Asked
    attempt: PaymentAttempt | None
    authorization: Authorization | None


@dataclass(frozen=True, slots=True)
class _Finished:
    payment: Payment
    # What was asked has no answer yet.
    is_open: bool


class Acquiring:
    """The functions of `acquire_payment`, `finish_authorization` and `lapse_authorization`."""

    def __init__(self, database: Database, clock: Clock, *, acquirer: Acquirer, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._acquirer = acquirer
        self._rules = rules

    async def acquire_payment(self, claim: Claim) -> Conclusion:
        """Ask the acquirer for the money of a payment, and bring its answer to it.

        Of one that ended while an answer was missing the truth is found out, and the try closed: what came goes back.
        """
        payment_id = PaymentId(claim.duty.about)
        wanted = await self._database.read(lambda session: _read_wanted(session, payment_id))
        if wanted is None:
            return lambda _: None
        try:
            report = await self._find_out(wanted, was_asked=claim.fence > 1)
        except GatewayError:
            return lambda session: self._ask_again(session, claim)

        def conclude(session: Session) -> datetime | None:
            occasion = Occasion(self._clock.now(), "asked by acquire_payment")
            outcome = apply_report(session, payment_id, report, rules=self._rules, occasion=occasion)
            payment = get_payment(session, payment_id)
            if payment.state is not PaymentState.PENDING:
                return None if outcome in _ANSWERED else self._ask_again(session, claim)
            # Moved and still pending is declined with tries left; anything else was no answer.
            return self._try_further(session, payment) if outcome is Outcome.MOVED else self._ask_again(session, claim)

        return conclude

    async def finish_authorization(self, claim: Claim) -> Conclusion:
        """Take up a capture or a void whose answer was never stored."""
        payment_id = PaymentId(claim.duty.about)
        try:
            finish = await self._finish(payment_id)
        except GatewayError:
            return lambda session: self._ask_on(session, claim)
        return lambda session: self._ask_on(session, claim) if finish(session).is_open else None

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
        finish = await self._finish(payment_id)
        return lambda session: finish(session).payment

    async def close(self, request: AuthorizationRequest) -> GatewayReport:
        """Ask how a try stands, and that nothing more comes of it. Raises `GatewayError`."""
        return await self._acquirer.close(request)

    async def capture(self, authorization: Authorization) -> GatewayReport:
        """Claim what is held. Raises `GatewayError`, but for a refusal, which is an answer."""
        try:
            return await self._acquirer.capture(authorization)
        except GatewayRefusedError as error:
            return read_refusal(error, reference=authorization.reference, name=authorization.gateway_reference)

    async def _finish(self, payment_id: PaymentId) -> Callable[[Session], _Finished]:
        asking = await self._database.read(lambda session: _read_asked(session, payment_id))
        report = None if asking.authorization is None else await self._call(asking.asked, asking.authorization)

        def conclude(session: Session) -> _Finished:
            payment = get_payment(session, payment_id)
            is_asked = payment.asked is asking.asked is not Asked.NOTHING
            # Somebody may have brought the answer home meanwhile; what has been asked since is still to be done.
            if report is not None and (is_asked or report.word is GatewayWord.CAPTURED):
                occasion = Occasion(self._clock.now(), f"asked to {asking.asked.value}")
                apply_report(session, payment_id, report, rules=self._rules, occasion=occasion)
            is_open = is_asked and payment.asked is asking.asked
            if is_open and not _is_held(session, asking.attempt):
                payment.asked, is_open = Asked.NOTHING, False
                session.add(payment)
                jobs.forgive(session, FINISH_AUTHORIZATION, about=payment_id)
            return _Finished(payment, is_open)

        return conclude

    async def _find_out(self, wanted: _Wanted, *, was_asked: bool) -> GatewayReport:
        if not wanted.is_open:
            return await self.close(wanted.request)
        try:
            return await self._acquirer.authorize(wanted.request)
        except GatewayRefusedError as error:
            refusal = read_refusal(error, reference=wanted.request.reference)
        # A no to the second question may be about asking twice: what the first one brought counts.
        standing = await self.close(wanted.request) if was_asked else refusal
        return standing if standing.word in _MAY_BE_MONEY else refusal

    async def _call(self, asked: Asked, authorization: Authorization) -> GatewayReport:
        if asked is Asked.CAPTURE:
            return await self.capture(authorization)
        report = await self._acquirer.void(authorization)
        if report.word in _RELEASED and asked is Asked.LAPSE:
            return replace(report, word=GatewayWord.EXPIRED, reason="it was not captured in time")
        return report if report.word in _RELEASED | _TAKEN else replace(report, word=GatewayWord.UNKNOWN)

    def _ask_again(self, session: Session, claim: Claim) -> datetime | None:
        """Ask on the schedule, on which a further try after a decline is no silence."""
        payment_id = PaymentId(claim.duty.about)
        silences = claim.tries + 2 - len(list_attempts(session, payment_id))
        again_at = next_due_at(ACQUIRE, max(1, silences), now=self._clock.now())
        if again_at is None:
            self._give_to_person(session, payment_id, "the acquirer could not be asked")
        return again_at

    def _ask_on(self, session: Session, claim: Claim) -> datetime | None:
        payment = get_payment(session, PaymentId(claim.duty.about))
        if payment.asked is Asked.NOTHING:
            return None
        again_at = next_due_at(ACQUIRE, claim.tries + 1, now=self._clock.now())
        if again_at is None:
            cause = f"the acquirer does not say whether it did what it was asked: {payment.asked.value}"
            payment.asked = Asked.NOTHING
            session.add(payment)
            self._give_to_person(session, payment.id, cause)
        return again_at

    def _give_to_person(self, session: Session, payment_id: PaymentId, cause: str) -> None:
        occasion = Occasion(self._clock.now(), cause)
        apply_event(session, payment_id, PaymentEvent.UNEXPLAINED, rules=self._rules, occasion=occasion)

    def _try_further(self, session: Session, payment: Payment) -> datetime:
        """Add the next try of a payment whose last one was declined for a reason that passes."""
        now, nth = self._clock.now(), len(list_attempts(session, payment.id)) + 1
        attempt_id = attempt_id_of(payment.id, nth)
        row: dict[str, object] = {"id": attempt_id, "payment_id": payment.id, "merchant_id": payment.merchant_id}
        row |= {"gateway": payment.gateway, "state": AttemptState.STARTED, "updated_at": now}
        insert_attempt(session, row)
        return next_further_try(nth, now=now) + self._acquirer.answers_after(attempt_id)


def _read_wanted(session: Session, payment_id: PaymentId) -> _Wanted | None:
    """Return what the acquirer is to be asked; nothing for a payment that has its answer."""
    payment = get_payment(session, payment_id)
    attempt = find_unnamed_attempt(session, payment)
    is_open = payment.state is PaymentState.PENDING
    if attempt is None or attempt.state not in _UNKNOWN or not (is_open or has_ended_without_money(payment.state)):
        return None
    return _Wanted(request_of(payment, attempt, get_order(session, payment.order_id)), is_open)


def _read_asked(session: Session, payment_id: PaymentId) -> _Asking:
    payment = get_payment(session, payment_id)
    held = [one for one in list_attempts(session, payment.id) if one.state is AttemptState.AUTHORIZED]
    if payment.asked is Asked.NOTHING or not held:
        return _Asking(payment.asked, None, None)
    is_part = payment.asked is Asked.CAPTURE
    authorization = authorization_of(payment, held[0], get_order(session, payment.order_id), is_part=is_part)
    return _Asking(payment.asked, held[0], authorization)


def _is_held(session: Session, attempt: PaymentAttempt | None) -> bool:
    return attempt is not None and get_attempt(session, attempt.id).state is AttemptState.AUTHORIZED
