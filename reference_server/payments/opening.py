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
from reference_server.merchants.store import digest_of, get_gateway_account
from reference_server.money import Money
from reference_server.orders.model import Order
from reference_server.orders.store import add_order, find_by_reference, lock_facts
from reference_server.payments.apply import EXPIRE_SESSION, RECONCILE_PAYMENT, Rules, apply_event
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentEvent, PaymentState
from reference_server.payments.model import GatewayOrder, Payment, PaymentAttempt
from reference_server.payments.store import get_payment, list_payments_of_order

# Each further session of an order asks the gateway by itself for a day: a merchant in a loop must not drown it.
PAYMENTS_MAX = 20
_HAS_MONEY = {PaymentState.AUTHORIZED, PaymentState.HELD, PaymentState.CAPTURED, PaymentState.NEEDS_REVIEW}


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that one new payment needs, drawn before the transaction."""

    order: OrderId
    payment: PaymentId
    attempt: AttemptId
    session: SessionId
    # Shown to the merchant once; what is stored of it is a digest.
    tracking_token: str = field(repr=False)


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
    """Store it all and owe what must happen if nothing is ever heard.

    The reference of an order that is not paid yet opens a further payment of that order. Raises `ConflictError` for
    one of another sum, or that has its money or may have it.
    """
    known = find_by_reference(session, new.merchant_id, new.reference)
    if known is not None:
        _require_unpaid(session, known, new)
    get_gateway_account(session, new.merchant_id, new.gateway)
    order = known or _order_of(new, now)
    if known is None:
        add_order(session, order)
    session.add(_payment_of(new, order, now, life=life))
    session.flush()
    session.add(GatewayOrder(payment_id=new.ids.payment))
    session.add(_attempt_of(new, now))
    cause = "the merchant asked for it" if known is None else "the merchant asked for a further session"
    change = Change("payment", new.reference, "", PaymentState.PENDING.value, "opened", cause, new.ids.payment)
    audit.record(session, change, order_id=order.id, at=now)
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


def renew_tracking(session: Session, payment_id: PaymentId, token: str) -> None:
    """Let `token` follow the payment, and the one before it no longer: nobody was ever told that one."""
    payment = get_payment(session, payment_id)
    payment.tracking_digest = digest_of(token)
    session.add(payment)


def record_refused(session: Session, payment_id: PaymentId, *, rules: Rules, occasion: Occasion) -> None:
    """End a payment that the gateway would not open."""
    apply_event(session, payment_id, PaymentEvent.FAILED, rules=rules, occasion=occasion)


def draw_ids(token: Callable[[str, int], str]) -> Ids:
    """Draw the ids of a new payment; `token` takes a purpose and a length."""
    return Ids(
        order=OrderId(f"order_{token('order', 20)}"),
        payment=PaymentId(f"pay_{token('payment', 20)}"),
        attempt=AttemptId(f"att_{token('attempt', 20)}"),
        # Names the payment to anybody who knows it, so that it must not be guessed: 32 of 35 letters, 164 bits.
        session=SessionId(f"ses_{token('session', 32)}"),
        # Of the same strength. It lets its bearer follow the payment and read the whole order.
        tracking_token=f"trk_{token('tracking token', 32)}",
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


def _require_unpaid(session: Session, order: Order, new: NewPayment) -> None:
    # A twin that opens the next session just now has no row yet that could be locked.
    lock_facts(session, order.id)
    payments = list_payments_of_order(session, order.id)
    session_id = payments[-1].session_id if payments else None
    if order.money != new.money:
        told = f"tran_id is an order of {order.money.decimal_text} {order.currency}; another sum needs one of its own"
        raise ConflictError(told, sessionId=session_id)
    if len(payments) >= PAYMENTS_MAX:
        raise ConflictError("tran_id has had more sessions than an order needs", sessionId=session_id)
    if order.erased_at is not None:
        # The gateway wants to know who pays, and nobody is to know that of this order again.
        raise ConflictError("the shopper of that tran_id was erased; another purchase needs an order of its own")
    paid = [payment for payment in payments if payment.state in _HAS_MONEY]
    if paid:
        told = f"the order of that tran_id is {paid[0].state.value}: it has its money, or may have"
        raise ConflictError(told, sessionId=paid[0].session_id)
    unanswered = [payment for payment in payments if _may_be_payable(session, payment)]
    if unanswered:
        # Opened again blind, the shopper could pay both (failure catalogue F01).
        told = "the gateway has not answered the opening of a session of that tran_id; its state is found out by itself"
        raise ConflictError(told, sessionId=unanswered[0].session_id)


def _may_be_payable(session: Session, payment: Payment) -> bool:
    gateway_order = session.get(GatewayOrder, payment.id)
    is_answered = gateway_order is not None and bool(gateway_order.session_key)
    return payment.state is PaymentState.PENDING and not is_answered


def _payment_of(new: NewPayment, order: Order, now: datetime, *, life: timedelta) -> Payment:
    return Payment(
        id=new.ids.payment,
        order_id=order.id,
        merchant_id=new.merchant_id,
        gateway=new.gateway,
        session_id=new.ids.session,
        state=PaymentState.PENDING,
        created_at=now,
        updated_at=now,
        expires_at=now + life,
        tracking_digest=digest_of(new.ids.tracking_token),
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
