"""Adding and finding orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from reference_server.columns import insert_row
from reference_server.errors import MissingError
from reference_server.ids import MerchantId, OrderId
from reference_server.money import Money
from reference_server.orders.model import Order
from reference_server.prepared import Prepared

_FACTS = select_columns(col(Order.id), col(Order.reference), col(Order.amount_minor), col(Order.currency)).where(
    col(Order.merchant_id) == bindparam("merchant")
)
# Built once: each payment looks for its order.
_FACTS_BY_REFERENCE = Prepared(_FACTS.where(col(Order.reference) == bindparam("name")))
_FACTS_BY_ID = Prepared(_FACTS.where(col(Order.id) == bindparam("name")))


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a payment has to know of its order; none of it ever changes."""

    id: OrderId
    reference: str
    money: Money


def add_order(session: Session, order: Order) -> None:
    """Add an order whose reference is the merchant's first of that name."""
    session.add(order)
    session.flush()


def insert_order(
    session: Session, facts: OrderFacts, *, merchant_id: MerchantId, shopper: Mapping[str, str], created_at: datetime
) -> None:
    """Add an order of which nothing else is known."""
    values: dict[str, object] = {"id": facts.id, "reference": facts.reference, "merchant_id": merchant_id}
    values |= {"amount_minor": facts.money.amount_minor, "currency": facts.money.currency, "shopper": dict(shopper)}
    values |= {"items": [], "chassis_no": "", "product_key": "", "created_at": created_at}
    insert_row(session, Order, values)


def find_by_reference(session: Session, merchant_id: MerchantId, reference: str) -> Order | None:
    """Return the merchant's order of that reference."""
    return session.exec(
        select(Order).where(Order.merchant_id == merchant_id, Order.reference == reference)
    ).one_or_none()


def find_own(session: Session, merchant_id: MerchantId, name: str) -> Order | None:
    """Return the merchant's order by our id of it or by the merchant's."""
    order = session.get(Order, name)
    if order is not None and order.merchant_id == merchant_id:
        return order
    return find_by_reference(session, merchant_id, name)


def find_facts(session: Session, merchant_id: MerchantId, name: str) -> OrderFacts | None:
    """Return what never changes of the merchant's order, by our id of it or by the merchant's, without the ORM."""
    # Only we begin a name so, and one that is no id of ours need not be looked for twice.
    by_name = (_FACTS_BY_REFERENCE, _FACTS_BY_ID) if name.startswith("order_") else (_FACTS_BY_REFERENCE,)
    for statement in by_name:
        for order_id, reference, minor, currency in statement.find(session, {"merchant": merchant_id, "name": name}):
            return OrderFacts(OrderId(str(order_id)), str(reference), Money(int(str(minor)), str(currency)))
    return None


def lock_facts(session: Session, order_id: OrderId) -> bool:
    """Let nobody else open a payment of this order before this transaction ends; say whether its shopper is erased."""
    wanted = select(Order.erased_at).where(Order.id == order_id).with_for_update()
    return session.connection().execute(wanted).scalar() is not None


def list_page(
    session: Session, merchant_id: MerchantId, *, limit: int, offset: int, receipt: str | None
) -> tuple[Sequence[Order], int]:
    """Return a merchant's orders, newest first, and how many there are."""
    wanted, counted = select(Order), select(func.count()).select_from(Order)
    wanted, counted = wanted.where(Order.merchant_id == merchant_id), counted.where(Order.merchant_id == merchant_id)
    if receipt is not None:
        wanted, counted = wanted.where(Order.receipt == receipt), counted.where(Order.receipt == receipt)
    newest = wanted.order_by(col(Order.created_at).desc(), col(Order.id).desc())
    return session.exec(newest.limit(limit).offset(offset)).all(), session.exec(counted).one()


def get_order(session: Session, order_id: OrderId) -> Order:
    """Return the order. Raises `MissingError`."""
    order = session.get(Order, order_id)
    if order is None:
        raise MissingError("there is no such order")
    return order
