"""What a merchant's payments of one span come to: counted by the database, in one pass over an index.

What the numbers mean is `figures.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, String, cast, func, literal_column, select
from sqlmodel import Session, SQLModel

from reference_server.ids import MerchantId
from reference_server.orders.model import Order
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.model import Payment
from reference_server.refunds.lifecycle import RefundState, binds_money
from reference_server.refunds.model import Refund

_ORDER, _PAYMENT, _REFUND = (SQLModel.metadata.tables[kind.__tablename__] for kind in (Order, Payment, Refund))
_DAY_MS = 86_400_000
_CLOCKS_APART_MAX = timedelta(days=1)
_FIRST = datetime.min.replace(tzinfo=UTC) + _CLOCKS_APART_MAX
UNKNOWN_METHOD = "unknown"
_NO_SPAN: ColumnElement[str] = literal_column("''", String)


class Interval(Enum):
    """How long the spans are that figures are told for."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Span:
    """Which payments are meant: made from `since` (included) to `until` (excluded); None selects nothing away."""

    since: datetime
    until: datetime
    gateway: str | None = None
    method: str | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What the payments of one gateway, method, span, state and currency come to; times in milliseconds.

    `span` is the beginning of its hour or day, as ISO 8601 writes it in UTC; empty without an interval.
    """

    gateway: str
    method: str
    span: str
    currency: str
    state: PaymentState
    payments: int
    captured_minor: int
    taken_ms: int
    taken_ms_least: int
    taken_ms_most: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of the payments of one gateway, method, span and currency is back or on its way."""

    gateway: str
    method: str
    span: str
    currency: str
    refunded_minor: int


def tally_payments(session: Session, merchant_id: MerchantId, span: Span) -> list[Tally]:
    """Return one tally for each kind of payment of the span."""
    taken = _milliseconds(_dialect_of(session))
    kind = [*_grouping_of(session, span), _ORDER.c.currency, _PAYMENT.c.state]
    sums = (func.count(), func.sum(_PAYMENT.c.captured_minor), func.sum(taken), func.min(taken), func.max(taken))
    counted = select(*kind, *sums).join_from(_PAYMENT, _ORDER, _ORDER.c.id == _PAYMENT.c.order_id)
    chosen = counted.where(*_chosen_by(merchant_id, span))
    rows = session.connection().execute(chosen.group_by(*_varying(kind)))
    return [_tally(list(row)) for row in rows]


def tally_refunds(session: Session, merchant_id: MerchantId, span: Span) -> list[GivenBack]:
    """Return what is back, or on its way, of the payments of the span."""
    kind = [*_grouping_of(session, span), _REFUND.c.currency]
    bound = [state for state in RefundState if binds_money(state)]
    summed = select(*kind, cast(func.sum(_REFUND.c.amount_minor), BigInteger))
    joined = summed.join_from(_PAYMENT, _REFUND, _REFUND.c.payment_id == _PAYMENT.c.id)
    # Said of the refunds too, so that they are gone through by an index: there are fewer of them than payments.
    of_merchant = (_REFUND.c.merchant_id == merchant_id, _REFUND.c.created_at >= _well_before(span.since))
    chosen = joined.where(*of_merchant, *_chosen_by(merchant_id, span), _REFUND.c.state.in_(bound))
    rows = session.connection().execute(chosen.group_by(*_varying(kind)))
    return [GivenBack(*list(row)) for row in rows]


def _well_before(since: datetime) -> datetime:
    # No refund is made before its payment, and no machine's clock is off by a day.
    return since - _CLOCKS_APART_MAX if since > _FIRST else since


def _tally(row: list[Any]) -> Tally:
    gateway, method, begins, currency, state = row[:5]
    payments, captured, taken, least, most = map(int, row[5:])
    return Tally(gateway, method, begins, currency, state, payments, captured, taken, least, most)


def _grouping_of(session: Session, span: Span) -> tuple[ColumnElement[str], ...]:
    return (_PAYMENT.c.gateway, _PAYMENT.c.method, _begins(_dialect_of(session), span.interval))


def _varying(kind: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    # PostgreSQL groups by no constant.
    return [column for column in kind if column is not _NO_SPAN]


def _chosen_by(merchant_id: MerchantId, span: Span) -> list[ColumnElement[bool]]:
    made_at = _PAYMENT.c.created_at
    chosen = [_PAYMENT.c.merchant_id == merchant_id, made_at >= span.since, made_at < span.until]
    if span.gateway is not None:
        chosen.append(_PAYMENT.c.gateway == span.gateway)
    if span.method is not None:
        # What the gateway's own page asked for has no method here.
        chosen.append(_PAYMENT.c.method == ("" if span.method == UNKNOWN_METHOD else span.method))
    return chosen


def _dialect_of(session: Session) -> str:
    return session.connection().dialect.name


def _milliseconds(dialect: str) -> ColumnElement[int]:
    """Return how long a payment took to where it is, as the engine counts it."""
    ended, made = _PAYMENT.c.updated_at, _PAYMENT.c.created_at
    if dialect == "sqlite":
        # SQLite keeps instants to the millisecond when it counts (sqlite.org/lang_datefunc, section 2).
        return cast(func.round((func.julianday(ended) - func.julianday(made)) * _DAY_MS), Integer)
    return cast(func.round(func.extract("epoch", ended - made) * 1000), BigInteger)


def _begins(dialect: str, interval: Interval | None) -> ColumnElement[str]:
    made = _PAYMENT.c.created_at
    if interval is None:
        return _NO_SPAN
    # As text within the statement: PostgreSQL takes two parameters of the same value for two expressions, and would
    # not group by what it is told to show.
    if dialect == "sqlite":
        shape = {Interval.HOUR: "%Y-%m-%dT%H:00:00Z", Interval.DAY: "%Y-%m-%dT00:00:00Z"}[interval]
        return func.strftime(literal_column(f"'{shape}'"), made, type_=String)
    shape = {Interval.HOUR: 'YYYY-MM-DD"T"HH24":00:00Z"', Interval.DAY: 'YYYY-MM-DD"T00:00:00Z"'}[interval]
    in_utc = func.timezone(literal_column("'UTC'"), made)
    return func.to_char(in_utc, literal_column(f"'{shape}'"), type_=String)
