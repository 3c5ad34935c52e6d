"""The jobs of a payment that hears nothing: asking the gateway how it stands, at its expiry and long after.

A notification that never comes is no reason to lose money (failure catalogue: IPN never).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError
from reference_server.gateways.gateway import GatewayReport
from reference_server.gateways.registry import Registry
from reference_server.ids import PaymentId
from reference_server.jobs.schedule import EXPIRE, HELD_EVERY, next_after_silence, next_due_at, next_reconciliation
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.payments.apply import Outcome, Rules, apply_event, apply_report
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.reports import select_reports
from reference_server.payments.store import get_context, get_payment, line_of


class Reconciler:
    """The functions of `expire_session`, `reconcile_payment` and `lapse_hold`."""

    def __init__(self, database: Database, clock: Clock, *, registry: Registry, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._rules = rules

    async def expire_session(self, claim: Claim) -> Conclusion:
        """Ask first; what is not paid when its time is over expires. Unable to ask, look again, then leave it."""
        reports = await self.ask(PaymentId(claim.duty.about))

        def conclude(session: Session) -> datetime | None:
            now = self._clock.now()
            again_at = next_due_at(EXPIRE, claim.tries + 1, now=now)
            was_answered = self._apply(session, claim, reports)
            if not was_answered and again_at is not None:
                return again_at
            if was_answered:
                self._apply_timer(session, claim, PaymentEvent.EXPIRED, cause="the session's time is over")
            return None

        return conclude

    async def reconcile_payment(self, claim: Claim) -> Conclusion:
        """Ask, and ask again on the schedule as long as money may still come. Only an answer ends it."""
        payment_id = PaymentId(claim.duty.about)
        reports = await self.ask(payment_id)

        def conclude(session: Session) -> datetime | None:
            was_answered = self._apply(session, claim, reports)
            payment = get_payment(session, payment_id)
            now = self._clock.now()
            again_at = next_reconciliation(payment.created_at, expires_at=payment.expires_at, now=now)
            if again_at is None and not was_answered:
                again_at = next_after_silence(claim.tries + 1, now=now)
            if again_at is not None:
                return again_at
            if not was_answered:
                # There may be money behind an end without money too: a person has to look.
                self._apply_timer(session, claim, PaymentEvent.UNEXPLAINED, cause="the gateway could not be asked")
            elif payment.state is PaymentState.PENDING:
                self._apply_timer(session, claim, PaymentEvent.EXPIRED, cause="the gateway knows of no money")
            return None

        return conclude

    async def lapse_hold(self, claim: Claim) -> Conclusion:
        """Ask whether risky money was released; past the limit give it to a person."""
        payment_id = PaymentId(claim.duty.about)
        reports = await self.ask(payment_id)

        def conclude(session: Session) -> datetime | None:
            self._apply(session, claim, reports)
            payment, now = get_payment(session, payment_id), self._clock.now()
            # Whatever moves a held payment ends the hold, so that its last change is the hold's beginning.
            lapses_at = payment.updated_at + self._rules.hold
            if payment.state is PaymentState.HELD and now < lapses_at:
                return min(lapses_at, now + HELD_EVERY)
            self._apply_timer(session, claim, PaymentEvent.HOLD_LAPSED, cause="held past its limit")
            return None

        return conclude

    async def ask(self, payment_id: PaymentId) -> Sequence[GatewayReport] | None:
        """Ask the gateway how the payment stands; None when it could not be asked."""
        context = await self._database.read(lambda session: get_context(session, payment_id))
        try:
            line = line_of(self._registry, context)
            reports = await line.gateway.query(line.line, context.order.reference, session_key=context.session_key)
        except GatewayError:
            return None
        return select_reports(reports)

    async def ask_before_decision(self, payment_id: PaymentId) -> None:
        """Bring to the payment what the gateway knows, if it can be asked; it counts whatever is then decided."""
        reports = await self.ask(payment_id) or ()
        cause = "asked before a decision"
        await self._database.run(lambda session: self.bring(session, payment_id, reports, cause=cause))

    def bring(self, session: Session, payment_id: PaymentId, reports: Sequence[GatewayReport], *, cause: str) -> bool:
        """Bring what was answered to the payment; say whether it was about this payment."""
        occasion = Occasion(self._clock.now(), cause)
        outcomes = {
            apply_report(session, payment_id, report, rules=self._rules, occasion=occasion) for report in reports
        }
        return Outcome.NO_ANSWER not in outcomes or bool(outcomes & {Outcome.MOVED, Outcome.STANDS})

    def _apply(self, session: Session, claim: Claim, reports: Sequence[GatewayReport] | None) -> bool:
        if reports is None:
            return False
        return self.bring(session, PaymentId(claim.duty.about), reports, cause=f"asked by {claim.duty.name}")

    def _apply_timer(self, session: Session, claim: Claim, event: PaymentEvent, *, cause: str) -> None:
        occasion = Occasion(self._clock.now(), cause)
        apply_event(session, PaymentId(claim.duty.about), event, rules=self._rules, occasion=occasion)
