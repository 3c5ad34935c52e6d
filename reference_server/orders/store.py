"""Adding and finding orders."""

from sqlmodel import Session, select

from reference_server.errors import MissingError
from reference_server.ids import MerchantId, OrderId
from reference_server.orders.model import Order


def add_order(session: Session, order: Order) -> None:
    """Add an order whose reference is the merchant's first of that name."""
    session.add(order)
    session.flush()


def find_by_reference(session: Session, merchant_id: MerchantId, reference: str) -> Order | None:
    """Return the merchant's order of that reference."""
    return session.exec(
        select(Order).where(Order.merchant_id == merchant_id, Order.reference == reference)
    ).one_or_none()


def get_order(session: Session, order_id: OrderId) -> Order:
    """Return the order. Raises `MissingError`."""
    order = session.get(Order, order_id)
    if order is None:
        raise MissingError("there is no such order")
    return order
