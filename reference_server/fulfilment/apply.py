"""The one door of change of a fulfilment: advance by the table, store, write the audit line, owe what follows."""

from datetime import datetime

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.errors import ConflictError
from reference_server.fulfilment.lifecycle import (
    FulfilmentEvent,
    FulfilmentState,
    advance_fulfilment,
    fulfilment_takes,
)
from reference_server.fulfilment.model import Fulfilment
from reference_server.fulfilment.store import find_fulfilment
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.merchants.store import get_merchant
from reference_server.orders.model import Order
from reference_server.refunds.apply import Wanted, give_back_order, is_any_left
from reference_server.refunds.model import RefundCause

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
    """Move the fulfilment; what is not delivered is refunded whole. Raises `LifecycleError` without such a cell."""
    before, after = fulfilment.state, advance_fulfilment(fulfilment.state, event)
    fulfilment.state, fulfilment.updated_at = after, occasion.at
    session.add(fulfilment)
    change = Change("fulfilment", order.reference, before.value, after.value, event.value, occasion.cause)
    audit.record(session, change, order_id=order.id, at=occasion.at)
    if after is FulfilmentState.WAIVED:
        wanted = Wanted(RefundCause.WAIVED, occasion.cause)
        give_back_order(session, order, wanted=wanted, at=occasion.at)


def waive_if_nothing_is_kept(session: Session, order: Order, *, occasion: Occasion) -> None:
    """Give a delivery up whose money is all back or on its way. Raises `ConflictError` while a call is under way."""
    fulfilment = find_fulfilment(session, order.id)
    if fulfilment is None or not fulfilment_takes(fulfilment.state, FulfilmentEvent.WAIVED):
        return
    if not is_any_left(session, order):
        waive_fulfilment(session, fulfilment, order=order, occasion=occasion)


def waive_fulfilment(session: Session, fulfilment: Fulfilment, *, order: Order, occasion: Occasion) -> None:
    """Give a delivery up, and the money back. Raises `ConflictError` while a call is under way."""
    if jobs.is_under_way(session, FULFIL_ORDER, about=order.id):
        # Else the goods could arrive for money that goes back.
        raise ConflictError("the delivery is being called for just now; ask again when that has ended")
    jobs.forgive(session, FULFIL_ORDER, about=order.id)
    apply_fulfilment_event(session, fulfilment, FulfilmentEvent.WAIVED, order=order, occasion=occasion)
