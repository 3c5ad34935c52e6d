"""The jobs that bring a refund to the gateway and follow it until the money is back, or a person has to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError
from reference_server.gateways.gateway import RefundReport, RefundRequest, RefundWord, SentRefund
from reference_server.gateways.registry import Line, Registry
from reference_server.ids import RefundId
from reference_server.jobs import store as jobs
from reference_server.jobs.schedule import FOLLOW_REFUND as FOLLOWING
from reference_server.jobs.schedule import SEND_REFUND as SENDING
from reference_server.jobs.schedule import next_due_at
from reference_server.jobs.store import Claim, Duty
from reference_server.jobs.worker import Conclusion
from reference_server.orders.store import get_order
from reference_server.payments.model import PaymentAttempt
from reference_server.payments.store import PaymentContext, get_attempt, get_context, get_payment, line_of
from reference_server.refunds.apply import FOLLOW_REFUND, apply_refund_event
from reference_server.refunds.lifecycle import RefundEvent, RefundState
from reference_server.refunds.model import Refund
from reference_server.refunds.store import get_refund

_ENDS = {
    RefundWord.REFUNDED: (RefundEvent.REFUNDED, "the gateway says that the money is back"),
    RefundWord.CANCELLED: (RefundEvent.CANCELLED, "the gateway cancelled it"),
}


@dataclass(frozen=True, slots=True)
class _Subject:
    refund: Refund
    attempt: PaymentAttempt
    context: PaymentContext


@dataclass(frozen=True, slots=True)
class _Again:
    """What was told, and when to ask again."""

    claim: Claim
    told: str
    at: datetime | None


class Refunder:
    """The functions of `send_refund` and `follow_refund`."""

    def __init__(self, database: Database, clock: Clock, *, registry: Registry) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry

    async def send_refund(self, claim: Claim) -> Conclusion:
        """Ask for the refund. Without an answer the same call is made again: its key makes it the same refund."""
        subject = await self._look(claim)
        if subject.refund.state is not RefundState.PENDING or subject.refund.gateway_reference:
            return lambda _: None
        ready_at = self._ready_at(subject.refund)
        if ready_at > self._clock.now():
            return lambda _: ready_at
        report, told = await self._send(subject)

        def conclude(session: Session) -> datetime | None:
            refund = _lock(session, subject.refund)
            is_first = claim.fence == 1 and refund.sends == 0
            refund.sends += 1
            if report is not None:
                refund.evidence = report.evidence
                if report.word is RefundWord.REFUSED:
                    return self._refuse(session, refund, report, is_first=is_first)
            return self._conclude(session, refund, report, again=_Again(claim, told, self._again_at(SENDING, claim)))

        return conclude

    async def follow_refund(self, claim: Claim) -> Conclusion:
        """Ask how it stands, until the gateway says how it ended."""
        subject = await self._look(claim)
        if subject.refund.state is not RefundState.PENDING:
            return lambda _: None
        report, told = await self._find(subject)

        def conclude(session: Session) -> datetime | None:
            refund = _lock(session, subject.refund)
            if report is not None:
                refund.evidence = report.evidence
            if report is not None and report.word in _ENDS:
                return self._end(session, refund, report)
            return self._wait(session, refund, _Again(claim, told, self._again_at(FOLLOWING, claim)))

        return conclude

    def _conclude(
        self, session: Session, refund: Refund, report: RefundReport | None, *, again: _Again
    ) -> datetime | None:
        if report is None or report.word is RefundWord.UNKNOWN:
            return self._wait(session, refund, again)
        if report.word in _ENDS:
            return self._end(session, refund, report)
        if not report.gateway_reference:
            # Taken on and not named: only the same call again can ask for the name.
            return self._wait(session, refund, again)
        refund.gateway_reference = report.gateway_reference
        self._apply(session, refund, RefundEvent.ACCEPTED, cause=f"the gateway says {report.word.value}")
        first = self._clock.now() + FOLLOWING[0]
        jobs.owe(session, Duty(FOLLOW_REFUND, refund.id, again.claim.duty.subject), due_at=first)
        return None

    def _refuse(self, session: Session, refund: Refund, report: RefundReport, *, is_first: bool) -> None:
        cause = f"the gateway refused: {report.reason or 'it gave no reason'}"
        if is_first:
            self._apply(session, refund, RefundEvent.REFUSED, cause=cause)
        else:
            # An earlier call was not answered: it may have been carried out, and this be said of a second one.
            self._apply(session, refund, RefundEvent.UNRESOLVED, cause=f"{cause}, after a call without an answer")

    def _end(self, session: Session, refund: Refund, report: RefundReport) -> None:
        event, cause = _ENDS[report.word]
        self._apply(session, refund, event, cause=f"{cause} {report.reason}".rstrip())

    def _wait(self, session: Session, refund: Refund, again: _Again) -> datetime | None:
        session.add(refund)
        if again.at is None:
            self._apply(session, refund, RefundEvent.UNRESOLVED, cause=f"asked to no end: {again.told}")
        return again.at

    def _apply(self, session: Session, refund: Refund, event: RefundEvent, *, cause: str) -> None:
        order, occasion = get_order(session, refund.order_id), Occasion(self._clock.now(), cause[:500])
        apply_refund_event(session, refund, event, order=order, occasion=occasion)

    def _again_at(self, gaps: Sequence[timedelta], claim: Claim) -> datetime | None:
        return next_due_at(gaps, claim.tries + 1, now=self._clock.now())

    def _ready_at(self, refund: Refund) -> datetime:
        return refund.created_at + self._registry.refunds_after(refund.gateway, refund.gateway_key)

    async def _look(self, claim: Claim) -> _Subject:
        def look(session: Session) -> _Subject:
            refund = get_refund(session, RefundId(claim.duty.about))
            return _Subject(refund, get_attempt(session, refund.attempt_id), get_context(session, refund.payment_id))

        return await self._database.read(look)

    async def _send(self, subject: _Subject) -> tuple[RefundReport | None, str]:
        refund = subject.refund
        request = RefundRequest(
            key=refund.gateway_key,
            money_reference=subject.attempt.money_reference,
            money=refund.money,
            settled=refund.settled,
            reason=refund.reason,
            subject=subject.context.order.reference,
        )
        try:
            line = self._line(subject)
            report = await line.gateway.refund(line.line, request)
        except GatewayError as error:
            return None, error.message
        return report, f"the gateway says {report.word.value}"

    async def _find(self, subject: _Subject) -> tuple[RefundReport | None, str]:
        sent = SentRefund(
            subject.refund.gateway_reference, subject.attempt.money_reference, subject.context.order.reference
        )
        try:
            line = self._line(subject)
            report = await line.gateway.find_refund(line.line, sent)
        except GatewayError as error:
            return None, error.message
        return report, f"the gateway says {report.word.value}"

    def _line(self, subject: _Subject) -> Line:
        return line_of(self._registry, subject.context)


def _lock(session: Session, refund: Refund) -> Refund:
    """Return the refund as it is now, locked behind its payment: everybody locks payment, order, refund."""
    get_payment(session, refund.payment_id)
    return get_refund(session, refund.id)
