"""Finding refunds and what is left to give back. What changes one is `apply.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from reference_server.columns import locked
from reference_server.errors import MissingError
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, RefundId
from reference_server.payments.model import PaymentAttempt
from reference_server.refunds.lifecycle import RefundState, binds_money
from reference_server.refunds.model import Refund


@dataclass(frozen=True, slots=True)
class Left:
    """What of one try's money is neither back nor on its way, in minor units: the shopper's and the gateway's."""

    amount_minor: int
    settled_minor: int


@dataclass(frozen=True, slots=True)
class RefundFilter:
    """Which of a merchant's refunds are wanted; what is None or empty selects nothing away."""

    payment_id: str | None = None
    states: tuple[RefundState, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of a payment is back, and on its way, in minor units of its order's currency."""

    back_minor: int = 0
    pending_minor: int = 0


def get_refund(session: Session, refund_id: RefundId) -> Refund:
    """Return the refund, locked where the engine locks rows. Raises `MissingError`."""
    refund = session.exec(locked(select(Refund).where(Refund.id == refund_id))).one_or_none()
    if refund is None:
        raise MissingError("there is no such refund")
    return refund


def find_by_reference(session: Session, payment_id: PaymentId, reference: str) -> Refund | None:
    """Return the payment's refund that the merchant calls so."""
    wanted = select(Refund).where(Refund.payment_id == payment_id, Refund.reference == reference)
    return session.exec(locked(wanted)).one_or_none()


def find_own(session: Session, merchant_id: MerchantId, refund_id: str) -> Refund | None:
    """Return the merchant's refund of that id."""
    return session.exec(select(Refund).where(Refund.id == refund_id, Refund.merchant_id == merchant_id)).one_or_none()


def list_newest(
    session: Session, merchant_id: MerchantId, wanted: RefundFilter, *, limit: int, offset: int
) -> list[Refund]:
    """Return a merchant's refunds, newest first."""
    listed = select(Refund).where(*_selected(merchant_id, wanted))
    return list(session.exec(listed.order_by(*_NEWEST_FIRST).limit(limit).offset(offset)))


def count_refunds(session: Session, merchant_id: MerchantId, wanted: RefundFilter) -> int:
    """Return how many refunds the filter lets through."""
    return session.exec(select(func.count()).select_from(Refund).where(*_selected(merchant_id, wanted))).one()


def sum_refunds(session: Session, payment_ids: Sequence[PaymentId]) -> dict[PaymentId, GivenBack]:
    """Return what of each payment is back and on its way; nothing for one without refunds."""
    wanted = select(Refund).where(col(Refund.payment_id).in_(payment_ids))
    sums: dict[PaymentId, GivenBack] = {}
    for one in session.exec(wanted):
        known = sums.get(one.payment_id, GivenBack())
        if one.state is RefundState.PROCESSED:
            sums[one.payment_id] = GivenBack(known.back_minor + one.amount_minor, known.pending_minor)
        elif binds_money(one.state):
            sums[one.payment_id] = GivenBack(known.back_minor, known.pending_minor + one.amount_minor)
    return sums


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


_NEWEST_FIRST = (col(Refund.created_at).desc(), col(Refund.id).desc())


def _selected(merchant_id: MerchantId, wanted: RefundFilter) -> list[ColumnElement[bool]]:
    chosen = [col(Refund.merchant_id) == merchant_id]
    if wanted.payment_id is not None:
        chosen.append(col(Refund.payment_id) == wanted.payment_id)
    if wanted.states:
        chosen.append(col(Refund.state).in_(wanted.states))
    return chosen
