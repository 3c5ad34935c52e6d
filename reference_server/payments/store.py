"""Finding payments with what belongs to them, and adding new ones. What changes one is `apply.py`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from reference_server.changes import Occasion
from reference_server.columns import insert_row, locked
from reference_server.errors import GatewayUnreachableError, MissingError
from reference_server.gateways.registry import Line, Registry
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.merchants.store import find_gateway_account, get_merchant
from reference_server.orders.model import Order
from reference_server.orders.store import get_order
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentState
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


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which of a merchant's payments are wanted; what is None or empty selects nothing away."""

    states: Collection[PaymentState] | None = None
    method: str | None = None
    # Our id of the order, or the merchant's.
    order: str = ""
    since: datetime | None = None
    before: datetime | None = None


def line_of(registry: Registry, context: PaymentContext) -> Line:
    """Return the line to the payment's gateway. Raises `GatewayUnreachableError` when the account was removed."""
    if not registry.credential_names(context.payment.gateway):
        return registry.line(context.payment.gateway, account=context.merchant.name, credentials={}, base_url="")
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
    payment = session.exec(locked(select(Payment).where(Payment.id == payment_id))).one_or_none()
    if payment is None:
        raise MissingError("there is no such payment")
    return payment


def get_by_session(session: Session, session_id: SessionId) -> PaymentContext:
    """Return the payment that the session id names. Raises `MissingError`."""
    # Said twice, so that the index of sessions serves, which has no empty ones.
    wanted = select(Payment).where(Payment.session_id == session_id, col(Payment.session_id) != "")
    payment = session.exec(wanted).one_or_none()
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
    return list(session.exec(locked(wanted)))


def list_payments_of_order(session: Session, order_id: OrderId) -> list[Payment]:
    """Return every payment of an order, oldest first: to look at, or to change what nobody else changes."""
    wanted = select(Payment).where(Payment.order_id == order_id).order_by(col(Payment.created_at), col(Payment.id))
    return list(session.exec(wanted))


def find_sibling(session: Session, payment: Payment, tag: str) -> Payment | None:
    """Return the other payment of the same order whose session a gateway names by its tag."""
    if tag in {"", payment.session_id}:
        return None
    wanted = select(Payment).where(Payment.session_id == tag, Payment.order_id == payment.order_id)
    return session.exec(locked(wanted)).one_or_none()


def insert_payment(session: Session, values: Mapping[str, object]) -> None:
    """Add a payment past the ORM."""
    insert_row(session, Payment, values)


def insert_attempt(session: Session, values: Mapping[str, object]) -> None:
    """Add a try past the ORM."""
    insert_row(session, PaymentAttempt, values)


def list_standings(session: Session, order_id: OrderId) -> list[tuple[PaymentId, PaymentState]]:
    """Return how an order's payments stand, without loading them."""
    wanted = select_columns(col(Payment.id), col(Payment.state)).where(col(Payment.order_id) == order_id)
    return [(found[0], found[1]) for found in session.connection().execute(wanted)]


def get_own(session: Session, merchant_id: MerchantId, payment_id: PaymentId, *, lock: bool = False) -> Payment:
    """Return the merchant's payment. Raises the same `MissingError` for another's and for none."""
    wanted = select(Payment).where(Payment.id == payment_id, Payment.merchant_id == merchant_id)
    payment = session.exec(locked(wanted) if lock else wanted).one_or_none()
    if payment is None:
        raise MissingError("there is no such payment")
    return payment


def list_newest(
    session: Session, merchant_id: MerchantId, wanted: PaymentFilter, *, limit: int, offset: int
) -> list[tuple[Payment, Order]]:
    """Return a merchant's payments with their orders, newest first."""
    chosen = select(Payment, Order).join(Order, col(Order.id) == col(Payment.order_id))
    newest = chosen.where(*_selected(merchant_id, wanted)).order_by(*_NEWEST_FIRST)
    return list(session.exec(newest.limit(limit).offset(offset)))


def count_payments(session: Session, merchant_id: MerchantId, wanted: PaymentFilter) -> int:
    """Return how many payments the filter lets through."""
    counted = select(func.count()).select_from(Payment)
    if wanted.order:
        counted = counted.join(Order, col(Order.id) == col(Payment.order_id))
    return session.exec(counted.where(*_selected(merchant_id, wanted))).one()


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
    """Return the payment's try that the gateway has not named yet: before any that was declined without a name."""
    unnamed = select(PaymentAttempt).where(
        PaymentAttempt.payment_id == payment.id, col(PaymentAttempt.gateway_reference).is_(None)
    )
    return session.exec(unnamed.order_by(col(PaymentAttempt.state) == AttemptState.DECLINED)).first()


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


_NEWEST_FIRST = (col(Payment.created_at).desc(), col(Payment.id).desc())


def _selected(merchant_id: MerchantId, wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    chosen = [col(Payment.merchant_id) == merchant_id]
    if wanted.states is not None:
        chosen.append(col(Payment.state).in_(wanted.states))
    if wanted.method is not None:
        chosen.append(col(Payment.method) == wanted.method)
    if wanted.order:
        chosen.append((col(Order.id) == wanted.order) | (col(Order.reference) == wanted.order))
    if wanted.since is not None:
        chosen.append(col(Payment.created_at) >= wanted.since)
    if wanted.before is not None:
        chosen.append(col(Payment.created_at) < wanted.before)
    return chosen
