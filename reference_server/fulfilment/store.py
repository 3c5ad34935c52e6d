"""Finding fulfilments. What changes one is `apply.py`."""

from sqlmodel import Session, select

from reference_server.columns import locked
from reference_server.errors import MissingError
from reference_server.fulfilment.model import Fulfilment
from reference_server.ids import OrderId


def find_fulfilment(session: Session, order_id: OrderId) -> Fulfilment | None:
    """Return the order's fulfilment, locked where the engine locks rows; None before the money or without a duty."""
    return session.exec(locked(select(Fulfilment).where(Fulfilment.order_id == order_id))).one_or_none()


def get_fulfilment(session: Session, order_id: OrderId) -> Fulfilment:
    """Return the order's fulfilment. Raises `MissingError`."""
    fulfilment = find_fulfilment(session, order_id)
    if fulfilment is None:
        raise MissingError("nothing is to be delivered for this order")
    return fulfilment
