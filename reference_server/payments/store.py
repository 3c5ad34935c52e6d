"""Finding payments with what belongs to them, and adding new ones. What changes one is `apply.py`."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from reference_server.errors import MissingError
from reference_server.ids import MerchantId, OrderId, PaymentId, SessionId
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import get_gateway_account, get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.attempts import AttemptState
from reference_server.payments.model import GatewayOrder, Payment, PaymentAttempt


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """A payment with all that a call about it needs, as of one moment."""

    payment: Payment
    order: Order
    merchant: Merchant
    account: GatewayAccount
    session_key: str
    page_url: str


def get_payment(session: Session, payment_id: PaymentId) -> Payment:
    """Return the payment, locked where the engine locks rows. Raises `MissingError`."""
    payment = session.exec(select(Payment).where(Payment.id == payment_id).with_for_update()).one_or_none()
    if payment is None:
        raise MissingError("there is no such payment")
    return payment


def get_by_session(session: Session, session_id: SessionId) -> PaymentContext:
    """Return the payment that the session id names. Raises `MissingError`."""
    payment = session.exec(select(Payment).where(Payment.session_id == session_id)).one_or_none()
    if payment is None:
        raise MissingError("there is no such session")
    return _with_context(session, payment)


def get_context(session: Session, payment_id: PaymentId) -> PaymentContext:
    """Return the payment with what belongs to it. Raises `MissingError`."""
    return _with_context(session, get_payment(session, payment_id))


def find_by_order(session: Session, order_id: OrderId) -> Payment | None:
    """Return the order's payment."""
    return session.exec(select(Payment).where(Payment.order_id == order_id)).one_or_none()


def list_payments(session: Session, merchant_id: MerchantId | None, *, limit: int) -> list[Payment]:
    """Return payments, of one merchant or of all, oldest first."""
    wanted = select(Payment).order_by(col(Payment.created_at), col(Payment.id)).limit(limit)
    if merchant_id is not None:
        wanted = wanted.where(Payment.merchant_id == merchant_id)
    return list(session.exec(wanted))


def find_attempt(session: Session, payment: Payment, gateway_reference: str) -> PaymentAttempt | None:
    """Return the try that the gateway calls so, of whichever payment of this merchant."""
    return session.exec(
        select(PaymentAttempt).where(
            PaymentAttempt.merchant_id == payment.merchant_id,
            PaymentAttempt.gateway == payment.gateway,
            PaymentAttempt.gateway_reference == gateway_reference,
        )
    ).one_or_none()


def find_unnamed_attempt(session: Session, payment: Payment) -> PaymentAttempt | None:
    """Return the payment's try that the gateway has not named yet."""
    return session.exec(
        select(PaymentAttempt).where(
            PaymentAttempt.payment_id == payment.id, col(PaymentAttempt.gateway_reference).is_(None)
        )
    ).first()


def list_attempts(session: Session, payment_id: PaymentId) -> list[PaymentAttempt]:
    """Return every try at a payment."""
    return list(session.exec(select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id)))


def count_captured(session: Session, payment_id: PaymentId) -> int:
    """Return how many tries at a payment brought money: more than one is money to give back."""
    attempts = list_attempts(session, payment_id)
    return sum(attempt.state is AttemptState.CAPTURED for attempt in attempts)


def _with_context(session: Session, payment: Payment) -> PaymentContext:
    gateway_order = session.get(GatewayOrder, payment.id) or GatewayOrder(payment_id=payment.id)
    return PaymentContext(
        payment=payment,
        order=get_order(session, payment.order_id),
        merchant=get_merchant(session, payment.merchant_id),
        account=get_gateway_account(session, payment.merchant_id, payment.gateway),
        session_key=gateway_order.session_key,
        page_url=gateway_order.page_url,
    )
