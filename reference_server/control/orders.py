"""The truth about orders on this side, as the control plane shows it beside the other side's."""

from sqlmodel import Session

from reference_server.apis.hosted_page.words import word_status
from reference_server.audit import list_lines
from reference_server.fulfilment.store import find_fulfilment
from reference_server.merchants.store import get_by_name, get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.model import Payment
from reference_server.payments.store import list_payments


def list_order_rows(session: Session, account: str | None, *, limit: int) -> list[dict[str, object]]:
    """Return orders with their payment, oldest first. Raises `MissingError` for an unknown account."""
    merchant_id = None if account is None else get_by_name(session, account).id
    return [_render(session, payment) for payment in list_payments(session, merchant_id, limit=limit)]


def _render(session: Session, payment: Payment) -> dict[str, object]:
    order = get_order(session, payment.order_id)
    fulfilment = find_fulfilment(session, order.id)
    state = None if fulfilment is None else fulfilment.state
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
        "refunded_minor": 0,
        "audit": _render_trail(session, order),
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
