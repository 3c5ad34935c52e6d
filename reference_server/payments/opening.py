"""Opening a payment: order, payment, first try and everything owed in one transaction; then the call; then its answer.

The call stands between two transactions. If we die in between, or its answer is lost, the payment is PENDING and owes
itself the question how it stands: it is never opened again blind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server import audit
from reference_server.changes import Change, Occasion
from reference_server.errors import ConflictError
from reference_server.gateways.gateway import OpenedSession
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.jobs import store as jobs
from reference_server.jobs.schedule import next_reconciliation
from reference_server.jobs.store import Duty
from reference_server.merchants.store import get_gateway_account
from reference_server.money import Money
from reference_server.orders.model import Order
from reference_server.orders.store import add_order, find_by_reference
from reference_server.payments.apply import EXPIRE_SESSION, RECONCILE_PAYMENT, Rules, apply_event
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.model import GatewayOrder, Payment, PaymentAttempt
from reference_server.payments.store import find_by_order, get_payment


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that one new payment needs, drawn before the transaction."""

    order: OrderId
    payment: PaymentId
    attempt: AttemptId
    session: SessionId


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a merchant wants to be paid for, with every value checked."""

    merchant_id: MerchantId
    gateway: str
    reference: str
    money: Money
    shopper: dict[str, str]
    items: Sequence[dict[str, object]] = ()
    chassis_no: str = ""
    product_key: str = ""
    ids: Ids = field(kw_only=True)


def open_payment(session: Session, new: NewPayment, *, now: datetime, life: timedelta) -> None:
    """Store it all and owe what must happen if nothing is ever heard. Raises `ConflictError` for a used reference."""
    taken = find_by_reference(session, new.merchant_id, new.reference)
    if taken is not None:
        payment = find_by_order(session, taken.id)
        raise ConflictError(
            "tran_id is used already; each order needs one of its own",
            sessionId=payment.session_id if payment else None,
        )
    get_gateway_account(session, new.merchant_id, new.gateway)
    add_order(session, _order_of(new, now))
    session.add(_payment_of(new, now, life))
    session.flush()
    session.add(GatewayOrder(payment_id=new.ids.payment))
    session.add(_attempt_of(new, now))
    change = Change("payment", new.reference, "", PaymentState.PENDING.value, "opened", "the merchant asked for it")
    audit.record(session, change, order_id=new.ids.order, at=now)
    jobs.owe(session, Duty(EXPIRE_SESSION, new.ids.payment, new.reference), due_at=now + life)
    first = next_reconciliation(now, expires_at=now + life, now=now) or now
    jobs.owe(session, Duty(RECONCILE_PAYMENT, new.ids.payment, new.reference), due_at=first)


def record_opened(session: Session, payment_id: PaymentId, opened: OpenedSession) -> PaymentState:
    """Keep the gateway order that the shopper is sent to."""
    payment = get_payment(session, payment_id)
    gateway_order = session.get(GatewayOrder, payment_id) or GatewayOrder(payment_id=payment_id)
    gateway_order.session_key, gateway_order.page_url = opened.session_key, opened.page_url
    session.add(gateway_order)
    return payment.state


def record_refused(session: Session, payment_id: PaymentId, *, rules: Rules, occasion: Occasion) -> None:
    """End a payment that the gateway would not open."""
    apply_event(session, payment_id, PaymentEvent.FAILED, rules=rules, occasion=occasion)


def draw_ids(token: Callable[[str, int], str]) -> Ids:
    """Draw the ids of a new payment; `token` takes a purpose and a length."""
    return Ids(
        order=OrderId(f"ord_{token('order', 20)}"),
        payment=PaymentId(f"pay_{token('payment', 20)}"),
        attempt=AttemptId(f"att_{token('attempt', 20)}"),
        # Names the payment to anybody who knows it, so that it must not be guessed: 32 of 35 letters, 164 bits.
        session=SessionId(f"ses_{token('session', 32)}"),
    )


def _order_of(new: NewPayment, now: datetime) -> Order:
    return Order(
        id=new.ids.order,
        merchant_id=new.merchant_id,
        reference=new.reference,
        amount_minor=new.money.amount_minor,
        currency=new.money.currency,
        shopper=new.shopper,
        items=list(new.items),
        chassis_no=new.chassis_no,
        product_key=new.product_key,
        created_at=now,
    )


def _payment_of(new: NewPayment, now: datetime, life: timedelta) -> Payment:
    return Payment(
        id=new.ids.payment,
        order_id=new.ids.order,
        merchant_id=new.merchant_id,
        gateway=new.gateway,
        session_id=new.ids.session,
        state=PaymentState.PENDING,
        created_at=now,
        updated_at=now,
        expires_at=now + life,
    )


def _attempt_of(new: NewPayment, now: datetime) -> PaymentAttempt:
    return PaymentAttempt(
        id=new.ids.attempt,
        payment_id=new.ids.payment,
        merchant_id=new.merchant_id,
        gateway=new.gateway,
        state=AttemptState.STARTED,
        updated_at=now,
    )
