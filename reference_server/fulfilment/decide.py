"""A person's word on a delivery that does not come about: try again, or give it up and the money back."""

from enum import Enum

from sqlmodel import Session

from reference_server.changes import Occasion
from reference_server.errors import ConflictError
from reference_server.fulfilment.apply import FULFIL_ORDER, apply_fulfilment_event, waive_fulfilment
from reference_server.fulfilment.lifecycle import FulfilmentEvent, FulfilmentState, fulfilment_takes
from reference_server.fulfilment.store import find_fulfilment
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.orders.model import Order


class DeliveryDecision(Enum):
    """What a person may say."""

    RETRY = "retry"
    WAIVE = "waive"


def decide_delivery(session: Session, order: Order, decision: DeliveryDecision, *, occasion: Occasion) -> None:
    """Carry the decision out. Raises `ConflictError` where nothing is owed, or a call is under way."""
    fulfilment = find_fulfilment(session, order.id)
    if fulfilment is None:
        raise ConflictError("nothing is to be delivered for this order")
    if not fulfilment_takes(fulfilment.state, FulfilmentEvent.WAIVED):
        raise ConflictError(f"the delivery is {fulfilment.state.value}: there is nothing to decide")
    if decision is DeliveryDecision.WAIVE:
        waive_fulfilment(session, fulfilment, order=order, occasion=occasion)
        return
    if fulfilment.state is FulfilmentState.NEEDS_REVIEW:
        apply_fulfilment_event(session, fulfilment, FulfilmentEvent.RETRIED, order=order, occasion=occasion)
    jobs.owe(session, Duty(FULFIL_ORDER, order.id, order.reference), due_at=occasion.at)
