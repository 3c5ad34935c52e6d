"""The job that asks the gateway whether a notification is so, until it answers or the schedule ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError
from reference_server.gateways.gateway import GatewayNotification, GatewayReport, GatewayWord
from reference_server.gateways.registry import Registry
from reference_server.jobs.schedule import CONFIRM, next_due_at
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.notifications.inbox import InboxNotification, InboxState, get_notification
from reference_server.payments.apply import Outcome, Rules, apply_event, apply_report
from reference_server.payments.lifecycle import PaymentEvent
from reference_server.payments.reports import select_reports
from reference_server.payments.store import PaymentContext, get_context, line_of

_ENDS = {GatewayWord.FAILED, GatewayWord.CANCELLED, GatewayWord.EXPIRED}
_NOTHING_KNOWN = GatewayReport(GatewayWord.UNKNOWN, "", "", claims=(), captured_at=None, reason="", evidence="")


class Confirmer:
    """The function of `confirm_notification`."""

    def __init__(self, database: Database, clock: Clock, *, registry: Registry, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._rules = rules

    async def confirm_notification(self, claim: Claim) -> Conclusion:
        """Ask the gateway, then bring its answer to the payment and settle the inbox in one transaction."""

        def look(session: Session) -> tuple[InboxNotification, PaymentContext]:
            entry = get_notification(session, claim.duty.about)
            return entry, get_context(session, entry.payment_id)

        entry, context = await self._database.read(look)
        reports = await self._ask(entry, context)

        def conclude(session: Session) -> datetime | None:
            entry = get_notification(session, claim.duty.about)
            again_at = next_due_at(CONFIRM, claim.tries + 1, now=self._clock.now())
            entry.state = self._settle(session, entry, reports)
            if entry.state is InboxState.UNANSWERED:
                return self._look_again(session, entry, again_at)
            session.add(entry)
            return None

        return conclude

    async def _ask(self, entry: InboxNotification, context: PaymentContext) -> Sequence[GatewayReport] | None:
        told = GatewayNotification(entry.word, context.order.reference, entry.gateway_reference, entry.identity)
        try:
            line = line_of(self._registry, context)
            reports = await line.gateway.confirm(line.line, told, session_key=context.session_key)
        except GatewayError:
            return None
        told_of = [believe_end(report, entry) for report in select_reports(reports) or (_NOTHING_KNOWN,)]
        # Whoever signed it knew the secret, and sent it to this payment's own address.
        return [replace(report, is_bound=report.is_bound or entry.is_signed) for report in told_of]

    def _settle(
        self, session: Session, entry: InboxNotification, reports: Sequence[GatewayReport] | None
    ) -> InboxState:
        if reports is None:
            return InboxState.UNANSWERED
        occasion = Occasion(self._clock.now(), "a notification, confirmed")
        outcomes: set[Outcome] = set()
        for report in reports:
            entry.evidence = report.evidence
            outcomes.add(apply_report(session, entry.payment_id, report, rules=self._rules, occasion=occasion))
        if outcomes & {Outcome.MOVED, Outcome.STANDS}:
            return InboxState.CONFIRMED
        if Outcome.NO_ANSWER in outcomes:
            return InboxState.UNANSWERED
        if Outcome.UNDECIDED not in outcomes:
            return InboxState.REFUTED
        return self._settle_undecided(session, entry)

    def _settle_undecided(self, session: Session, entry: InboxNotification) -> InboxState:
        if entry.word not in _ENDS:
            return InboxState.UNANSWERED
        if entry.is_signed:
            # One try failed and the gateway still waits for another: the payment stays where it is.
            occasion = Occasion(self._clock.now(), "the gateway waits for another try")
            event = PaymentEvent.ATTEMPT_DECLINED
            apply_event(session, entry.payment_id, event, rules=self._rules, occasion=occasion)
        return InboxState.REFUTED

    def _look_again(self, session: Session, entry: InboxNotification, again_at: datetime | None) -> datetime | None:
        if again_at is not None:
            entry.state = InboxState.RECEIVED
        elif entry.is_signed and entry.word is GatewayWord.CAPTURED:
            # Whoever signed it knew the secret, and says that there is money: a person has to look.
            occasion = Occasion(self._clock.now(), "a notification of money that could not be confirmed")
            event = PaymentEvent.UNEXPLAINED
            apply_event(session, entry.payment_id, event, rules=self._rules, occasion=occasion)
        session.add(entry)
        return again_at


def believe_end(report: GatewayReport, entry: InboxNotification) -> GatewayReport:
    """Let a signed notification say how a try ended where the gateway, asked, only knows that there is no money.

    SSLCommerz' transaction query has no words for cancelled or expired, and by session none for why (fact sheet 8).
    Nothing is risked: money that comes after all is late news.
    """
    knows_only_of_no_money = report.word in {GatewayWord.FAILED, GatewayWord.UNKNOWN}
    if entry.is_signed and entry.word in _ENDS and knows_only_of_no_money:
        return replace(report, word=entry.word, reason=report.reason or entry.reason)
    return report
