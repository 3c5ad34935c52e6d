"""Finding refunds and what is left to give back. What changes one is `apply.py`."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from reference_server.errors import MissingError
from reference_server.ids import AttemptId, OrderId, PaymentId, RefundId
from reference_server.payments.model import PaymentAttempt
from reference_server.refunds.lifecycle import binds_money
from reference_server.refunds.model import Refund


@dataclass(frozen=True, slots=True)
class Left:
    """What of one try's money is neither back nor on its way, in minor units: the shopper's and the gateway's."""

    amount_minor: int
    settled_minor: int


def get_refund(session: Session, refund_id: RefundId) -> Refund:
    """Return the refund, locked where the engine locks rows. Raises `MissingError`."""
    refund = session.exec(select(Refund).where(Refund.id == refund_id).with_for_update()).one_or_none()
    if refund is None:
        raise MissingError("there is no such refund")
    return refund


def find_by_reference(session: Session, payment_id: PaymentId, reference: str) -> Refund | None:
    """Return the payment's refund that the merchant calls so."""
    return session.exec(
        select(Refund).where(Refund.payment_id == payment_id, Refund.reference == reference).with_for_update()
    ).one_or_none()


def list_refunds(session: Session, payment_id: PaymentId) -> list[Refund]:
    """Return a payment's refunds, oldest first."""
    wanted = select(Refund).where(Refund.payment_id == payment_id)
    return list(session.exec(wanted.order_by(col(Refund.created_at), col(Refund.id))))


def list_refunds_of_order(session: Session, order_id: OrderId) -> list[Refund]:
    """Return the refunds of every payment of an order, oldest first."""
    wanted = select(Refund).where(Refund.order_id == order_id)
    return list(session.exec(wanted.order_by(col(Refund.created_at), col(Refund.id))))


def list_refunds_of_attempt(session: Session, attempt_id: AttemptId) -> list[Refund]:
    """Return the refunds of one try's money."""
    return list(session.exec(select(Refund).where(Refund.attempt_id == attempt_id).order_by(col(Refund.id))))


def left_of(session: Session, attempt: PaymentAttempt) -> Left:
    """Return what of the try's money can still be given back; whoever asks holds the lock of its payment."""
    bound = [one for one in list_refunds_of_attempt(session, attempt.id) if binds_money(one.state)]
    return Left(
        attempt.taken_minor - sum(one.amount_minor for one in bound),
        attempt.settled_minor - sum(one.settled_minor for one in bound),
    )
