"""The one door of change of a fulfilment: advance by the table, store, write the audit line, owe what follows."""

from datetime import datetime

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.fulfilment.lifecycle import FulfilmentEvent, FulfilmentState, advance_fulfilment
from reference_server.fulfilment.model import Fulfilment
from reference_server.fulfilment.store import find_fulfilment
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.merchants.store import get_merchant
from reference_server.orders.model import Order

FULFIL_ORDER = "fulfil_order"


def owe_fulfilment(session: Session, order: Order, *, now: datetime) -> None:
    """Owe the delivery of a paid order, once, in the transaction that captured the money."""
    has_receiver = get_merchant(session, order.merchant_id).provisioning_url is not None
    if not has_receiver or find_fulfilment(session, order.id) is not None:
        return
    # The key follows from the order: whatever happens to us, a delivery of this order never has another.
    key = f"ful_{order.id}"
    session.add(Fulfilment(order_id=order.id, key=key, state=FulfilmentState.OWED, updated_at=now))
    change = Change("fulfilment", order.reference, "", FulfilmentState.OWED.value, "owed", "the money is proven")
    audit.record(session, change, order_id=order.id, at=now)
    jobs.owe(session, Duty(FULFIL_ORDER, order.id, order.reference), due_at=now)


def apply_fulfilment_event(
    session: Session, fulfilment: Fulfilment, event: FulfilmentEvent, *, order: Order, occasion: Occasion
) -> None:
    """Move the fulfilment. Raises `LifecycleError` where the table has no such cell."""
    before, after = fulfilment.state, advance_fulfilment(fulfilment.state, event)
    fulfilment.state, fulfilment.updated_at = after, occasion.at
    session.add(fulfilment)
    change = Change("fulfilment", order.reference, before.value, after.value, event.value, occasion.cause)
    audit.record(session, change, order_id=order.id, at=occasion.at)
