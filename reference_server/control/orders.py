"""The truth about orders on this side, as the control plane shows it beside the other side's."""

from collections.abc import Container, Sequence

from sqlmodel import Session

from reference_server.apis.hosted_page.words import word_status
from reference_server.audit import list_lines
from reference_server.fulfilment.store import find_fulfilment
from reference_server.merchants.store import get_by_name, get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.model import Payment
from reference_server.payments.store import list_payments
from reference_server.refunds.lifecycle import RefundState
from reference_server.refunds.model import Refund
from reference_server.refunds.store import list_refunds


def list_order_rows(session: Session, account: str | None, *, limit: int) -> list[dict[str, object]]:
    """Return orders with their payment, oldest first. Raises `MissingError` for an unknown account."""
    merchant_id = None if account is None else get_by_name(session, account).id
    return [_render(session, payment) for payment in list_payments(session, merchant_id, limit=limit)]


def _render(session: Session, payment: Payment) -> dict[str, object]:
    order = get_order(session, payment.order_id)
    fulfilment = find_fulfilment(session, order.id)
    state = None if fulfilment is None else fulfilment.state
    refunds = list_refunds(session, payment.id)
    return {
        "order": order.reference,
        "session": payment.session_id,
        "account": get_merchant(session, payment.merchant_id).name,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "state": payment.state.value,
        "status": word_status(payment.state, state).status,
        "fulfilment": None if state is None else state.value,
        "captured_minor": payment.captured_minor,
        "refunded_minor": _sum(refunds, order.currency, {RefundState.PROCESSED}),
        "refunds_pending_minor": _sum(refunds, order.currency, {RefundState.PENDING, RefundState.NEEDS_REVIEW}),
        "refunds": [_render_refund(refund) for refund in refunds],
        "audit": _render_trail(session, order),
    }


def _sum(refunds: Sequence[Refund], currency: str, states: Container[RefundState]) -> int:
    return sum(one.amount_minor for one in refunds if one.currency == currency and one.state in states)


def _render_refund(refund: Refund) -> dict[str, object]:
    return {
        "id": refund.id,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "state": refund.state.value,
        "cause": refund.cause.value,
        "key": refund.gateway_key,
    }


def _render_trail(session: Session, order: Order) -> list[dict[str, object]]:
    return [
        {
            "at": line.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "resource": line.resource,
            "before": line.before,
            "after": line.after,
            "event": line.event,
            "cause": line.cause,
        }
        for line in list_lines(session, order.id)
    ]
