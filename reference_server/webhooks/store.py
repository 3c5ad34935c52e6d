"""Finding and adding endpoints, events, deliveries and delivery attempts. What changes one of them is `apply.py`.

What every delivery costs goes through the tables without the ORM.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, bindparam, delete, exists, func, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from reference_server.errors import MissingError
from reference_server.ids import MerchantId
from reference_server.merchants.model import Merchant
from reference_server.prepared import Prepared
from reference_server.webhooks.lifecycle import DeliveryState, EndpointState
from reference_server.webhooks.model import (
    AttemptEnd,
    Delivery,
    DeliveryAttempt,
    DeliveryId,
    Endpoint,
    EndpointId,
    EndpointSecret,
    WebhookEvent,
    WebhookEventId,
)

_EVENT, _DELIVERY = SQLModel.metadata.tables["webhook_events"], SQLModel.metadata.tables["deliveries"]
_ATTEMPT, _ENDPOINT = SQLModel.metadata.tables["delivery_attempts"], SQLModel.metadata.tables["endpoints"]


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One delivery whose next attempt is due, with what is sent."""

    number: int
    event_id: WebhookEventId
    kind: str
    subject: str
    series: int
    attempts: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Round:
    """What is due at one endpoint at one moment. Without a secret nothing was ever to be sent there."""

    endpoint_id: EndpointId
    account: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    deliveries: tuple[DueDelivery, ...] = ()


class Moved(NamedTuple):
    """A delivery after an attempt: by the first three it is known to be as it was before, the rest are its columns."""

    of_number: int
    of_series: int
    of_attempts: int
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime
    response_code: int | None
    response_body: str | None
    ended: str


class Alike(NamedTuple):
    """What deliveries have in common that end together: most of a round does, and is then moved by one statement."""

    series: int
    of_attempts: int
    state: DeliveryState
    attempts: int
    response_code: int | None
    ended: str


class Attempted(NamedTuple):
    """A delivery attempt as it is kept: the row's columns."""

    delivery_number: int
    series: int
    at: datetime
    ended_at: datetime
    stamp: int
    end: AttemptEnd
    response_code: int | None
    response_body: str | None


class Gone(NamedTuple):
    """The last delivery that a list in steps has gone through: when it was made, and which of that instant."""

    created_at: datetime
    id: DeliveryId


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which of a merchant's deliveries are wanted; what is None or empty selects nothing away."""

    states: tuple[DeliveryState, ...] = ()
    kind: str | None = None
    endpoint_id: str | None = None
    payment_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: Gone | None = None


def list_endpoints(session: Session, merchant_id: MerchantId) -> list[Endpoint]:
    """Return a merchant's endpoints that are not removed, oldest first."""
    wanted = select(Endpoint).where(Endpoint.merchant_id == merchant_id, Endpoint.state != EndpointState.REMOVED)
    return list(session.exec(wanted.order_by(col(Endpoint.created_at), col(Endpoint.id))))


def list_endpoint_terms(session: Session, merchant_id: MerchantId) -> list[tuple[EndpointId, EndpointState, list[str]]]:
    """Return id, state and kinds of a merchant's endpoints that are not removed."""
    wanted = select(_ENDPOINT.c.id, _ENDPOINT.c.state, _ENDPOINT.c.kinds)
    wanted = wanted.where(_ENDPOINT.c.merchant_id == merchant_id, _ENDPOINT.c.state != EndpointState.REMOVED)
    found = session.connection().execute(wanted.order_by(_ENDPOINT.c.created_at, _ENDPOINT.c.id)).all()
    return [(EndpointId(endpoint_id), state, kinds) for endpoint_id, state, kinds in found]


def get_endpoint(session: Session, merchant_id: MerchantId, endpoint_id: str) -> Endpoint:
    """Return a merchant's endpoint, locked where the engine locks rows. Raises `MissingError`."""
    wanted = select(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.merchant_id == merchant_id)
    wanted = wanted.where(Endpoint.state != EndpointState.REMOVED).with_for_update(key_share=True)
    endpoint = session.exec(wanted).one_or_none()
    if endpoint is None:
        raise MissingError("there is no such endpoint")
    return endpoint


def lock_endpoint(session: Session, endpoint_id: EndpointId) -> Endpoint | None:
    """Return the endpoint, of whomever and in whatever state, locked where the engine locks rows."""
    # Not its key: a delivery that is being owed meanwhile refers to it, and must not have to wait.
    wanted = select(Endpoint).where(Endpoint.id == endpoint_id).with_for_update(key_share=True)
    return session.exec(wanted.execution_options(populate_existing=True)).one_or_none()


def list_secrets(session: Session, endpoint_id: EndpointId, *, now: datetime) -> list[EndpointSecret]:
    """Return the secrets in force, the current one first."""
    is_in_force = col(EndpointSecret.expires_at).is_(None) | (col(EndpointSecret.expires_at) > now)
    wanted = select(EndpointSecret).where(EndpointSecret.endpoint_id == endpoint_id, is_in_force)
    return list(session.exec(wanted.order_by(col(EndpointSecret.id).desc())))


def forget_secrets(session: Session, endpoint_id: EndpointId, *, now: datetime) -> None:
    """Delete what signs nothing any more."""
    gone = col(EndpointSecret.expires_at) <= now
    session.exec(delete(EndpointSecret).where(col(EndpointSecret.endpoint_id) == endpoint_id, gone))


def last_sequence(session: Session, payment_id: str) -> int:
    """Return the number of a payment's newest event, its refunds' among them; 0 where there was none."""
    # Not how many there are: old ones are purged.
    newest = select(func.max(_EVENT.c.sequence)).where(_EVENT.c.payment_id == payment_id)
    return session.connection().execute(newest).scalar() or 0


def add_event(session: Session, event: WebhookEvent, deliveries: Sequence[Delivery]) -> None:
    """Add an event with what is owed for it."""
    session.connection().execute(insert(_EVENT), event.model_dump())
    rows = [delivery.model_dump(exclude={"number"}) for delivery in deliveries]
    session.connection().execute(insert(_DELIVERY), rows)


def find_round(session: Session, endpoint_id: EndpointId, *, now: datetime, limit: int) -> Round | None:
    """Return what is due at an endpoint, in the order of falling due and then of owing; None if it is not enabled."""
    enabled = (Endpoint.id == endpoint_id, Endpoint.state == EndpointState.ENABLED)
    found = session.exec(select(Endpoint.url, Merchant.name).join(Merchant).where(*enabled)).one_or_none()
    if found is None:
        return None
    secrets = tuple(it.secret for it in list_secrets(session, endpoint_id, now=now))
    delivery, event = _DELIVERY.c, _EVENT.c
    due = (
        select_columns(
            *(delivery.number, delivery.event_id, delivery.kind, event.subject),
            *(delivery.series, delivery.attempts, event.body),
        )
        .join_from(_DELIVERY, _EVENT, _DELIVERY.c.event_id == _EVENT.c.id)
        .where(_is_pending_at(endpoint_id), _DELIVERY.c.next_attempt_at <= now)
        .order_by(_DELIVERY.c.next_attempt_at, _DELIVERY.c.number)
        .limit(limit)
    )
    deliveries = tuple(DueDelivery(*row) for row in session.connection().execute(due).all())
    return Round(endpoint_id, found[1], found[0], secrets, deliveries)


def next_attempt_at(session: Session, endpoint_id: EndpointId) -> datetime | None:
    """Return when the endpoint's next attempt is due."""
    first = select(func.min(_DELIVERY.c.next_attempt_at)).where(_is_pending_at(endpoint_id))
    return session.connection().execute(first).scalar()


def record_moves(session: Session, attempted: Sequence[Attempted], moved: Sequence[Moved]) -> None:
    """Keep attempts and move their deliveries, save those that have moved since: resent, or recorded by a successor."""
    connection = session.connection()
    _KEEP.write_many(session, [attempt._asdict() for attempt in attempted])
    alike: dict[Alike, list[int]] = defaultdict(list)
    apart: list[Mapping[str, object]] = []
    for move in moved:
        if move.next_attempt_at is None:
            alike[Alike(*move[1:5], move.response_code, move.ended)].append(move.of_number)
        else:
            apart.append(move._asdict() | {"of_state": DeliveryState.PENDING})
    for shared, numbers in alike.items():
        connection.execute(_end_alike(shared, numbers))
    if apart:
        connection.execute(_MOVE, apart)


def give_up_pending(session: Session, endpoint_id: EndpointId, *, state: DeliveryState, ended: str) -> None:
    """Move everything that is pending at an endpoint; each stays listed and can be sent again."""
    moved = update(_DELIVERY).where(_is_pending_at(endpoint_id))
    session.connection().execute(moved.values(state=state, ended=ended, next_attempt_at=None))


def list_deliveries(
    session: Session, merchant_id: MerchantId, wanted: DeliveryFilter, *, limit: int, offset: int
) -> list[tuple[Delivery, WebhookEvent]]:
    """Return a merchant's deliveries with their events, newest first."""
    listed = select(Delivery, WebhookEvent).join(WebhookEvent).where(*_selected(merchant_id, wanted))
    listed = listed.order_by(col(Delivery.created_at).desc(), col(Delivery.number).desc())
    return list(session.exec(listed.limit(limit).offset(offset)))


def count_deliveries(session: Session, merchant_id: MerchantId, wanted: DeliveryFilter) -> int:
    """Return how many deliveries the filter lets through."""
    counted = select(func.count()).select_from(Delivery)
    return session.exec(counted.where(*_selected(merchant_id, wanted))).one()


def get_delivery(session: Session, merchant_id: MerchantId, delivery_id: str) -> tuple[Delivery, WebhookEvent]:
    """Return a merchant's delivery with its event. Raises `MissingError`."""
    wanted = select(Delivery, WebhookEvent).join(WebhookEvent)
    found = session.exec(wanted.where(Delivery.id == delivery_id, Delivery.merchant_id == merchant_id)).one_or_none()
    if found is None:
        raise MissingError("there is no such webhook")
    return found


def list_endpoints_behind(session: Session, numbers: Sequence[int]) -> list[EndpointId]:
    """Return where deliveries go, each endpoint once, in the order in which they are locked."""
    wanted = select(Delivery.endpoint_id).where(col(Delivery.number).in_(numbers)).distinct()
    return [EndpointId(found) for found in session.exec(wanted.order_by(Delivery.endpoint_id))]


def lock_deliveries(session: Session, numbers: Sequence[int]) -> list[Delivery]:
    """Return deliveries as they are now, in the order of owing, locked where the engine locks rows."""
    wanted = select(Delivery).where(col(Delivery.number).in_(numbers)).order_by(col(Delivery.number))
    return list(session.exec(wanted.with_for_update().execution_options(populate_existing=True)))


def list_attempts(session: Session, number: int) -> list[DeliveryAttempt]:
    """Return every attempt at a delivery, those before a resend too, oldest first."""
    wanted = select(DeliveryAttempt).where(DeliveryAttempt.delivery_number == number)
    return list(session.exec(wanted.order_by(col(DeliveryAttempt.id))))


def list_numbers(session: Session, merchant_id: MerchantId, wanted: DeliveryFilter, *, limit: int) -> list[int]:
    """Return the numbers of what the filter lets through and can be sent at all, oldest first."""
    # Else what cannot be sent would stand before the rest, however often somebody asks.
    enabled = select(Endpoint.id).where(Endpoint.merchant_id == merchant_id, Endpoint.state == EndpointState.ENABLED)
    found = select(col(Delivery.number)).where(*_selected(merchant_id, wanted))
    found = found.where(col(Delivery.endpoint_id).in_(enabled))
    ordered = found.order_by(col(Delivery.created_at), col(Delivery.number)).limit(limit)
    return [number for number in session.exec(ordered) if number is not None]


def forget_webhooks(session: Session, merchant_id: MerchantId | None) -> None:
    """Delete what was told of orders, with all that was owed and sent for it, of one merchant or of all."""
    of_events = [] if merchant_id is None else [col(WebhookEvent.merchant_id) == merchant_id]
    of_deliveries = [] if merchant_id is None else [col(Delivery.merchant_id) == merchant_id]
    numbers = select(Delivery.number).where(*of_deliveries)
    session.exec(delete(DeliveryAttempt).where(col(DeliveryAttempt.delivery_number).in_(numbers)))
    session.exec(delete(Delivery).where(*of_deliveries))
    session.exec(delete(WebhookEvent).where(*of_events))


def is_attempt_spent() -> ColumnElement[bool]:
    """Choose attempts at deliveries that nothing is to follow for."""
    return exists().where(_DELIVERY.c.number == _ATTEMPT.c.delivery_number, _DELIVERY.c.state != DeliveryState.PENDING)


def is_delivery_spent() -> ColumnElement[bool]:
    """Choose deliveries that nothing is to follow for, and whose attempts are gone."""
    has_attempts = exists().where(_ATTEMPT.c.delivery_number == _DELIVERY.c.number)
    return (_DELIVERY.c.state != DeliveryState.PENDING) & ~has_attempts


def is_event_spent() -> ColumnElement[bool]:
    """Choose events that no delivery brings, save each payment's newest: the next one's number follows from it."""
    later = _EVENT.alias("later")
    has_deliveries = exists().where(_DELIVERY.c.event_id == _EVENT.c.id)
    has_later = exists().where(later.c.payment_id == _EVENT.c.payment_id, later.c.sequence > _EVENT.c.sequence)
    return ~has_deliveries & ((_EVENT.c.payment_id == "") | has_later)


def endpoints_of(merchant_id: MerchantId | None) -> SelectOfScalar[str]:
    """Return the choice of the ids of a merchant's endpoints, or of all."""
    chosen = select(Endpoint.id)
    return chosen if merchant_id is None else chosen.where(Endpoint.merchant_id == merchant_id)


_KEEP = Prepared(insert(_ATTEMPT), inserts=dict.fromkeys(Attempted._fields))
# What is set comes with the rows: all of them that name a column.
_MOVE = update(_DELIVERY).where(
    _DELIVERY.c.number == bindparam("of_number"),
    _DELIVERY.c.series == bindparam("of_series"),
    _DELIVERY.c.attempts == bindparam("of_attempts"),
    _DELIVERY.c.state == bindparam("of_state"),
)


def _end_alike(shared: Alike, numbers: Sequence[int]) -> Update:
    """Move them with what stands in their last attempts, which are kept already."""
    last = _ATTEMPT.alias("last")
    of_delivery = last.c.delivery_number == _DELIVERY.c.number
    ended = (
        update(_DELIVERY)
        .where(_DELIVERY.c.number.in_(numbers), _DELIVERY.c.state == DeliveryState.PENDING)
        .where(_DELIVERY.c.series == shared.series, _DELIVERY.c.attempts == shared.of_attempts)
    )
    newest = [
        select_columns(last.c[name]).where(of_delivery).order_by(last.c.id.desc()).limit(1).scalar_subquery()
        for name in ("at", "response_body")
    ]
    return ended.values(
        state=shared.state,
        attempts=shared.attempts,
        next_attempt_at=None,
        last_attempt_at=newest[0],
        response_code=shared.response_code,
        response_body=newest[1],
        ended=shared.ended,
    )


def _is_pending_at(endpoint_id: EndpointId) -> ColumnElement[bool]:
    return (_DELIVERY.c.endpoint_id == endpoint_id) & (_DELIVERY.c.state == DeliveryState.PENDING)


def _selected(merchant_id: MerchantId, wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    # No index has this: else both engines go through all of the merchant's rather than a payment's few.
    whose = _DELIVERY.c.merchant_id if wanted.payment_id is None else func.coalesce(_DELIVERY.c.merchant_id, "")
    chosen = [whose == merchant_id]
    if wanted.states:
        chosen.append(col(Delivery.state).in_(wanted.states))
    if wanted.kind is not None:
        chosen.append(col(Delivery.kind) == wanted.kind)
    if wanted.endpoint_id is not None:
        chosen.append(col(Delivery.endpoint_id) == wanted.endpoint_id)
    if wanted.payment_id is not None:
        of_payment = select(WebhookEvent.id).where(WebhookEvent.payment_id == wanted.payment_id)
        chosen.append(col(Delivery.event_id).in_(of_payment))
    if wanted.since is not None:
        chosen.append(col(Delivery.created_at) >= wanted.since)
    if wanted.until is not None:
        chosen.append(col(Delivery.created_at) < wanted.until)
    if wanted.after is not None:
        # Where the last one is purged by now, those of its instant are too.
        last = select(Delivery.number).where(Delivery.merchant_id == merchant_id, Delivery.id == wanted.after.id)
        is_later = col(Delivery.created_at) > wanted.after.created_at
        chosen.append(col(Delivery.created_at) >= wanted.after.created_at)
        chosen.append(is_later | (col(Delivery.number) > last.scalar_subquery()))
    return chosen
