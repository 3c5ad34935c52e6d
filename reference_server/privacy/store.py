"""Finding a shopper's orders and the rows that hang on them, and the watch that keeps erased orders erased."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, event
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session, col, func, select

from reference_server.columns import Row, locked
from reference_server.idempotency.model import IdempotencyKey
from reference_server.ids import MerchantId, OrderId
from reference_server.merchants.model import Merchant
from reference_server.orders.model import Order
from reference_server.payments.model import Payment
from reference_server.privacy.blanking import told_without_shopper
from reference_server.privacy.fields import PLACE_OF, PLACES, Place, blank_row

# What people write between the digits of a phone number.
_BETWEEN_DIGITS = " -().+/"
# So many ids are asked for at once: each is a parameter, and engines have bounds on these.
_PART = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Who is meant: by one of the three, the others None. `phone` are digits alone."""

    email: str | None = None
    phone: str | None = None
    order: str | None = None


def find_orders(session: Session, merchant_id: MerchantId, person: Person, *, limit: int) -> list[OrderId]:
    """Return the ids of a merchant's orders of that person, oldest first; those that are erased have none any more."""
    wanted = select(Order.id).where(Order.merchant_id == merchant_id, _is_of(person))
    found = session.exec(wanted.order_by(col(Order.created_at), col(Order.id)).limit(limit))
    return [OrderId(order_id) for order_id in found]


def lock_unerased(session: Session, merchant_id: MerchantId, order_ids: Sequence[OrderId]) -> list[Order]:
    """Return those of the orders that are not erased yet, their payments locked first, as everywhere."""
    session.exec(locked(select(Payment).where(col(Payment.order_id).in_(order_ids)).order_by(col(Payment.id)))).all()
    wanted = select(Order).where(Order.merchant_id == merchant_id, col(Order.id).in_(order_ids))
    found = session.exec(locked(wanted.order_by(col(Order.id)))).all()
    return [order for order in found if order.erased_at is None]


def list_rows(session: Session, order_ids: Sequence[OrderId]) -> dict[str, list[Row]]:
    """Return every row that hangs on the orders, by table."""
    found: dict[str, list[Row]] = {}
    # What rows hang on, by the column that says so.
    hooks: dict[str, Sequence[object]] = {"id": order_ids, "order_id": order_ids}
    for place in PLACES:
        found[place.name] = _rows_of(session, place, hooks[place.by])
        if place.hook is not None:
            column, own = place.hook
            hooks[column] = [getattr(row, own) for row in found[place.name]]
    return found


def blank_answers(session: Session, orders: Sequence[Order], *, payment_ids: Sequence[str]) -> int:
    """Blank the kept first answers of requests that were about the orders, of one merchant; return how many."""
    names = [name.encode() for name in (*(order.id for order in orders), *payment_ids)]
    since = min(order.created_at for order in orders)
    keys = select(IdempotencyKey).where(
        IdempotencyKey.merchant_id == orders[0].merchant_id, IdempotencyKey.created_at >= since
    )
    blanked = 0
    for key in session.exec(keys.execution_options(yield_per=_PART)):
        if any(name in key.response_body for name in names):
            key.response_body = bytes(told_without_shopper(key.response_body))  # pyright: ignore[reportArgumentType]  # bytes in, bytes out
            session.add(key)
            blanked += 1
    return blanked


def list_erased(session: Session) -> list[tuple[str, str]]:
    """Return which orders are erased: the merchant's name, and theirs for the order."""
    erased = select(Merchant.name, Order.reference).join_from(Order, Merchant, col(Merchant.id) == Order.merchant_id)
    return [(name, reference) for name, reference in session.exec(erased.where(col(Order.erased_at).is_not(None)))]


def list_names(session: Session, order_ids: Sequence[OrderId]) -> set[str]:
    """Return every name by which the orders are known, and what hangs on them."""
    rows = list_rows(session, order_ids)
    ids = {str(getattr(row, "id", "")) for name in ("orders", "payments", "refunds") for row in rows[name]}
    ids |= {str(getattr(row, "reference", "")) for row in rows["orders"]}
    return (ids | {str(getattr(row, "session_id", "")) for row in rows["payments"]}) - {""}


def watch() -> None:
    """Let nothing personal be written to an erased order again, whoever writes and whenever; through the ORM."""
    if not event.contains(AnySession, "before_flush", _keep_erased):
        event.listen(AnySession, "before_flush", _keep_erased)


def _keep_erased(session: AnySession, *_: object) -> None:
    for row in (*session.new, *session.dirty):
        if isinstance(row, Row) and type(row) in PLACE_OF and _is_erased(session, row):
            blank_row(row)


def _is_erased(session: AnySession, row: Row) -> bool:
    order_id = row.id if isinstance(row, Order) else getattr(row, "order_id", None)
    payment_id = getattr(row, "payment_id", "")
    if order_id is None and payment_id:
        payment = session.get(Payment, payment_id)
        order_id = None if payment is None else payment.order_id
    order = None if order_id is None else session.get(Order, order_id)
    return order is not None and order.erased_at is not None


def _is_of(person: Person) -> ColumnElement[bool]:
    if person.email is not None:
        email = col(Order.shopper)["email"].as_string()
        return (email == person.email) | (func.lower(email) == person.email.lower())
    if person.phone is not None:
        digits = col(Order.shopper)["phone"].as_string()
        for between in _BETWEEN_DIGITS:
            digits = func.replace(digits, between, "")
        return digits == person.phone
    return (col(Order.id) == person.order) | (col(Order.reference) == person.order)


def _rows_of(session: Session, place: Place, among: Sequence[object]) -> list[Row]:
    column, rows = col(getattr(place.row, place.by)), list[Row]()
    for part in _parts(among):
        rows += session.exec(select(place.row).where(column.in_(part)))
    return rows


def _parts(among: Sequence[object]) -> Iterator[Sequence[object]]:
    return (among[begin : begin + _PART] for begin in range(0, len(among), _PART))
