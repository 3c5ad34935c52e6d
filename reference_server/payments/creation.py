"""Making a payment whose instrument the merchant told us: order, payment, first try and the owed call, all at once.

No gateway is asked here. A job asks when its instant has come, so that the merchant's answer waits for nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change
from reference_server.errors import ConflictError, MissingError
from reference_server.gateways.gateway import Method
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.money import Money
from reference_server.orders.store import OrderFacts, find_facts, insert_order, lock_facts
from reference_server.payments.apply import ACQUIRE_PAYMENT
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentState, has_ended_without_money
from reference_server.payments.store import insert_attempt, insert_payment, list_standings
from reference_server.prepared import writing_together

# A merchant in a loop must not grow an order without end.
PAYMENTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the shopper pays with, and so much of it as may be kept: never a whole card number."""

    method: Method
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AskedPayment:
    """What a merchant wants to be paid, with every value checked. `order` is an id of ours or a name of theirs."""

    merchant_id: MerchantId
    payment_id: PaymentId
    # That of the order, if one has to be made.
    order_id: OrderId
    order: str
    money: Money
    instrument: Instrument
    is_captured_by_merchant: bool = False
    notes: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    shopper: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the payment is made, when its gateway answers, and how long authorized money may wait."""

    now: datetime
    answers_after: timedelta
    authorization: timedelta


def create_payment(session: Session, asked: AskedPayment, *, gateway: str, schedule: Schedule) -> OrderFacts:
    """Store it all and owe the call; return the order that it pays.

    Raises `MissingError` for an order of ours that is not there, and `ConflictError` for one of another sum, or that
    has its money or may have it.
    """
    known = _find_order(session, asked)
    with writing_together(session):
        order = known or _add_order(session, asked, now=schedule.now)
        _add_payment(session, asked, order, gateway=gateway, schedule=schedule)
    return order


def attempt_id_of(payment_id: PaymentId, nth: int = 1) -> AttemptId:
    """Return the id of a payment's try: it follows from the payment, so that no draw in between changes it."""
    first = f"att_{payment_id.removeprefix('pay_')}"
    return AttemptId(first if nth == 1 else f"{first}-{nth}")


def is_id_of_ours(order: str) -> bool:
    """Say whether only we can have named an order so: `order_` with twenty letters and digits."""
    drawn = order.removeprefix("order_")
    return drawn != order and len(drawn) == 20 and drawn.isalnum() and drawn.isascii() and drawn == drawn.lower()


def _add_payment(session: Session, asked: AskedPayment, order: OrderFacts, *, gateway: str, schedule: Schedule) -> None:
    insert_payment(session, _payment_row(asked, order, gateway=gateway, schedule=schedule))
    insert_attempt(session, _attempt_row(asked, gateway=gateway, now=schedule.now))
    change = Change(
        "payment",
        order.reference,
        "",
        PaymentState.PENDING.value,
        "created",
        "the merchant asked for it",
        asked.payment_id,
    )
    audit.insert(session, change, order_id=order.id, at=schedule.now)
    duty = Duty(ACQUIRE_PAYMENT, asked.payment_id, order.reference)
    jobs.owe(session, duty, due_at=schedule.now + schedule.answers_after)


def _find_order(session: Session, asked: AskedPayment) -> OrderFacts | None:
    if not asked.order:
        return None
    known = find_facts(session, asked.merchant_id, asked.order)
    if known is not None:
        # Whoever pays the same order at the same time waits here, and then finds this payment.
        if lock_facts(session, known.id):
            raise ConflictError("the shopper of that order was erased; another purchase needs an order of its own")
        _require_payable(session, known, asked)
        return known
    if is_id_of_ours(asked.order):
        raise MissingError("there is no such order")
    return None


def _add_order(session: Session, asked: AskedPayment, *, now: datetime) -> OrderFacts:
    facts = OrderFacts(asked.order_id, asked.order or asked.order_id, asked.money)
    insert_order(session, facts, merchant_id=asked.merchant_id, shopper=asked.shopper, created_at=now)
    return facts


def _require_payable(session: Session, order: OrderFacts, asked: AskedPayment) -> None:
    if order.money != asked.money:
        told = f"the order is {order.money.amount_minor} {order.money.currency}; another sum needs an order of its own"
        raise ConflictError(told)
    standings = list_standings(session, order.id)
    if len(standings) >= PAYMENTS_MAX:
        raise ConflictError("the order has had more payments than one needs")
    for payment_id, state in standings:
        if not has_ended_without_money(state):
            told = f"a payment of that order is {state.value}: the order has its money, or may have"
            raise ConflictError(told, payment_id=payment_id)


def _payment_row(asked: AskedPayment, order: OrderFacts, *, gateway: str, schedule: Schedule) -> dict[str, object]:
    return {
        "id": asked.payment_id,
        "order_id": order.id,
        "merchant_id": asked.merchant_id,
        "gateway": gateway,
        "method": asked.instrument.method.value,
        "instrument": dict(asked.instrument.kept),
        "notes": dict(asked.notes),
        "is_captured_by_merchant": asked.is_captured_by_merchant,
        "state": PaymentState.PENDING,
        "created_at": schedule.now,
        "updated_at": schedule.now,
        "expires_at": schedule.now + schedule.answers_after + schedule.authorization,
    }


def _attempt_row(asked: AskedPayment, *, gateway: str, now: datetime) -> dict[str, object]:
    return {
        "id": attempt_id_of(asked.payment_id),
        "payment_id": asked.payment_id,
        "merchant_id": asked.merchant_id,
        "gateway": gateway,
        "state": AttemptState.STARTED,
        "updated_at": now,
    }
