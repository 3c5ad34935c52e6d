"""Finding payments with what belongs to them, and adding new ones. What changes one is `apply.py`."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from reference_server.changes import Occasion
from reference_server.errors import GatewayUnreachableError, MissingError
from reference_server.gateways.registry import Line, Registry
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import find_gateway_account, get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.attempts import AttemptState
from reference_server.payments.model import GatewayAnswer, GatewayOrder, Payment, PaymentAttempt


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """A payment with all that a call about it needs, as of one moment."""

    payment: Payment
    order: Order
    merchant: Merchant
    # None when it was removed after the payment was opened.
    account: GatewayAccount | None
    session_key: str
    page_url: str


def line_of(registry: Registry, context: PaymentContext) -> Line:
    """Return the line to the payment's gateway. Raises `GatewayUnreachableError` when the account was removed."""
    if context.account is None:
        raise GatewayUnreachableError(f"{context.merchant.name} has no account with {context.payment.gateway} any more")
    return registry.line(
        context.payment.gateway,
        account=context.merchant.name,
        credentials=context.account.credentials,
        base_url=context.account.base_url,
    )


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


def find_by_tracking(session: Session, tracking_digest: str) -> Payment | None:
    """Return the payment whose tracking token has this digest."""
    return session.exec(select(Payment).where(Payment.tracking_digest == tracking_digest)).one_or_none()


def keep_answer(session: Session, payment_id: PaymentId, answer: str, *, occasion: Occasion) -> None:
    """Keep what the gateway answered, whatever became of it; an answer that says nothing at all is none."""
    if answer:
        kept = GatewayAnswer(payment_id=payment_id, at=occasion.at, cause=occasion.cause, answer=answer)
        session.add(kept)


def list_answers(session: Session, payment_id: PaymentId, *, limit: int) -> list[GatewayAnswer]:
    """Return the last answers about a payment, oldest first."""
    latest = select(GatewayAnswer).where(GatewayAnswer.payment_id == payment_id).order_by(col(GatewayAnswer.id).desc())
    return list(session.exec(latest.limit(limit)))[::-1]


def get_context(session: Session, payment_id: PaymentId) -> PaymentContext:
    """Return the payment with what belongs to it. Raises `MissingError`."""
    return _with_context(session, get_payment(session, payment_id))


def lock_payments(session: Session, order_id: OrderId) -> list[Payment]:
    """Return every payment of an order, oldest first, locked where the engine locks rows."""
    wanted = select(Payment).where(Payment.order_id == order_id).order_by(col(Payment.created_at), col(Payment.id))
    return list(session.exec(wanted.with_for_update()))


def find_sibling(session: Session, payment: Payment, tag: str) -> Payment | None:
    """Return the other payment of the same order whose session a gateway names by its tag."""
    if tag in {"", payment.session_id}:
        return None
    return session.exec(
        select(Payment).where(Payment.session_id == tag, Payment.order_id == payment.order_id).with_for_update()
    ).one_or_none()


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


def get_attempt(session: Session, attempt_id: AttemptId) -> PaymentAttempt:
    """Return the try. Raises `MissingError`."""
    attempt = session.get(PaymentAttempt, attempt_id)
    if attempt is None:
        raise MissingError("there is no such payment attempt")
    return attempt


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
        account=find_gateway_account(session, payment.merchant_id, payment.gateway),
        session_key=gateway_order.session_key,
        page_url=gateway_order.page_url,
    )
