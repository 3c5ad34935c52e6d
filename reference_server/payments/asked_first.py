"""What an acquirer is asked before a person's word on a payment counts: how it stands, and for the money to accept.

Nothing is begun there that it has never heard of. What it answers counts, whatever becomes of the decision.
"""

from contextlib import suppress

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ConflictError, GatewayError, GatewayNonsenseError
from reference_server.gateways.gateway import Authorization, AuthorizationRequest, GatewayReport, GatewayWord
from reference_server.ids import PaymentId
from reference_server.orders.store import get_order
from reference_server.payments.acquiring import Acquiring
from reference_server.payments.apply import Rules, apply_report
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import is_in_review
from reference_server.payments.requests import authorization_of, request_of
from reference_server.payments.review import Decision, require_wanted
from reference_server.payments.store import get_payment, list_attempts
from reference_server.payments.takings import is_paid_by_another

_ENDED = {AttemptState.DECLINED}


class AskedFirst:
    """Asks about payments whose instrument the merchant told us."""

    def __init__(self, database: Database, clock: Clock, *, acquiring: Acquiring, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._acquiring = acquiring
        self._rules = rules

    async def ask(self, payment_id: PaymentId, decision: Decision) -> None:
        """Bring home what is known there, and capture what is held where it is to be accepted.

        Raises `ConflictError` where that is refused, and `GatewayError` where nobody knows whether it was done.
        """
        request = await self._database.read(lambda session: _read_request(session, payment_id))
        if request is not None:
            # A decision does not need the acquirer: what comes to light after a return goes back.
            with suppress(GatewayError):
                await self._bring(payment_id, await self._acquiring.close(request))
        held = await self._database.read(lambda session: _read_held(session, payment_id))
        if held is not None and decision is Decision.ACCEPT:
            # In a transaction that may lock: whoever pays the order meanwhile comes before it or after it.
            await self._database.run(lambda session: _require_wanted(session, payment_id))
            await self._capture(payment_id, held)

    async def _capture(self, payment_id: PaymentId, held: Authorization) -> None:
        report = await self._acquiring.capture(held)
        if report.word is GatewayWord.FAILED:
            reason = report.reason or "it gave no reason"
            raise ConflictError(f"the acquirer refuses to capture what it holds ({reason}): it can only be returned")
        await self._bring(payment_id, report)
        if await self._database.read(lambda session: _read_held(session, payment_id)) is not None:
            raise GatewayNonsenseError(f"asked to capture, the acquirer says {report.word.value}")

    async def _bring(self, payment_id: PaymentId, report: GatewayReport) -> None:
        def bring(session: Session) -> None:
            occasion = Occasion(self._clock.now(), "asked before a decision")
            apply_report(session, payment_id, report, rules=self._rules, occasion=occasion)

        await self._database.run(bring)


def _read_request(session: Session, payment_id: PaymentId) -> AuthorizationRequest | None:
    payment = get_payment(session, payment_id)
    attempts = [one for one in list_attempts(session, payment.id) if one.state not in _ENDED]
    if not attempts or not is_in_review(payment.state):
        return None
    return request_of(payment, attempts[-1], get_order(session, payment.order_id))


def _read_held(session: Session, payment_id: PaymentId) -> Authorization | None:
    payment = get_payment(session, payment_id)
    held = [one for one in list_attempts(session, payment.id) if one.state is AttemptState.AUTHORIZED]
    if not held or not is_in_review(payment.state):
        return None
    return authorization_of(payment, held[0], get_order(session, payment.order_id), is_part=True)


def _require_wanted(session: Session, payment_id: PaymentId) -> None:
    payment = get_payment(session, payment_id)
    require_wanted(payment)
    if is_paid_by_another(session, payment):
        raise ConflictError("the order is paid by another payment: what is held for this one can only be returned")
