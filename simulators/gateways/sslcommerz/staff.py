"""What the gateway's own people decide: risky payments released or refused, refunds brought to their end."""

from simulators.errors import NotPossible
from simulators.gateways.gateway import Desk, GatewayAct, GatewayOutcome
from simulators.gateways.sslcommerz import notifications, refunds
from simulators.gateways.sslcommerz.attempts import move
from simulators.gateways.sslcommerz.memory import memory_of
from simulators.gateways.sslcommerz.settings import settings_of
from simulators.gateways.sslcommerz.states import Refund, RefundEvent, Session, SessionEvent

_OF_REFUND = {"complete_refund": RefundEvent.SETTLED, "cancel_refund": RefundEvent.CANCELLED}


def act(desk: Desk, wanted: GatewayAct) -> GatewayOutcome:
    """Do it. Raises `NoSuchThing`, or `NotPossible` for what there is nothing to decide about."""
    session = _find_session(desk, wanted)
    desk.tell(subject=session.tran_id)
    refund: Refund | None = None
    if wanted.action in _OF_REFUND:
        refund = refunds.choose_refund(session, wanted.refund)
        refunds.move_refund(desk, refund, _OF_REFUND[wanted.action])
    elif wanted.action == "release_risk":
        _release(desk, session)
    else:
        _refuse(desk, session)
    seen = refunds.view_of(refund) if refund else None
    return GatewayOutcome(session.state.value, session.tran_id, session.key, seen)


def _find_session(desk: Desk, wanted: GatewayAct) -> Session:
    """Return the session meant; of an order's several, the newest that was paid."""
    newest = memory_of(desk).get(key=wanted.session, tran_id=wanted.order)
    if wanted.session is not None:
        return newest
    paid = [session for session in memory_of(desk).of_order(newest.tran_id) if session.paid]
    return paid[-1] if paid else newest


def _release(desk: Desk, session: Session) -> None:
    """The payment is safe: later answers say so, and by setting an IPN."""
    _check_risky(session)
    memory_of(desk).amend_attempt(session)
    desk.change("gateway_order", session.key, before="risky", after="safe", cause="released")
    if settings_of(desk).release_sends_ipn:
        notifications.tell(desk, session)


def _refuse(desk: Desk, session: Session) -> None:
    """The money goes back to the shopper, and the payment has failed (U)."""
    _check_risky(session)
    if session.returning_minor(*refunds.TAKEN):
        raise NotPossible("the payment is being refunded: its risk cannot be refused any more")
    settings = settings_of(desk)
    memory_of(desk).amend_attempt(session, error=settings.refused_reason, risk_level=1)
    move(desk, session, SessionEvent.REFUSED, error=settings.refused_reason, tells=settings.refusal_sends_ipn)


def _check_risky(session: Session) -> None:
    if session.paid is None or not session.paid.risk_level:
        raise NotPossible(f"the payment of {session.tran_id} is not risky: there is nothing to decide")
