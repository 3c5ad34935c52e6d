"""The one door of change of endpoints and deliveries: advance by the table, store, owe what follows.

Locks are taken in one order: endpoint, delivery, job. Nothing here awaits or sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server.errors import ConflictError, MissingError
from reference_server.ids import MerchantId
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Duty
from reference_server.webhooks.lifecycle import (
    DeliveryEvent,
    DeliveryState,
    EndpointEvent,
    EndpointState,
    advance_delivery,
    advance_endpoint,
)
from reference_server.webhooks.model import (
    DEFAULT_KINDS,
    AttemptEnd,
    CheckedUrl,
    Delivery,
    DeliveryId,
    Endpoint,
    EndpointId,
    EndpointSecret,
    EventKind,
    WebhookEvent,
)
from reference_server.webhooks.schedule import Schedule
from reference_server.webhooks.store import (
    Attempted,
    DueDelivery,
    Moved,
    add_event,
    forget_secrets,
    give_up_pending,
    list_endpoint_terms,
    list_endpoints,
    list_endpoints_behind,
    list_secrets,
    lock_deliveries,
    lock_endpoint,
    record_moves,
)

DELIVER_WEBHOOK = "deliver_webhook"
ENDPOINTS_MAX = 10
# How many secrets sign at once, however often somebody rotates.
SECRETS_MAX = 3
GONE = 410
# Longer than this without a failed attempt, and a new failure begins a new spell.
SPELL_BREAK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint to be registered, with what was drawn for it."""

    id: EndpointId
    url: CheckedUrl
    secret: str = field(repr=False)
    kinds: Sequence[EventKind] = DEFAULT_KINDS


@dataclass(frozen=True, slots=True)
class Brought:
    """How one delivery attempt came out. `asked` is the instant before which the receiver wants no other."""

    delivery: DueDelivery
    at: datetime
    ended_at: datetime
    stamp: int
    end: AttemptEnd
    code: int | None = None
    text: str | None = None
    asked: datetime | None = None

    @property
    def is_acknowledged(self) -> bool:
        """Whether the receiver has it: 2xx alone says so."""
        return self.end is AttemptEnd.ANSWERED and self.code is not None and 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """When attempts follow each other, and how long nothing may arrive before an endpoint is disabled."""

    schedule: Schedule = field(default_factory=Schedule)
    failing_max: timedelta = timedelta(days=1)


def add_endpoint(session: Session, merchant_id: MerchantId, new: NewEndpoint, *, at: datetime) -> Endpoint:
    """Register an endpoint. Raises `ConflictError` when the merchant has as many as may be."""
    if len(list_endpoints(session, merchant_id)) >= ENDPOINTS_MAX:
        raise ConflictError(f"a merchant has at most {ENDPOINTS_MAX} endpoints")
    endpoint = Endpoint(
        id=new.id,
        merchant_id=merchant_id,
        url=new.url,
        kinds=[kind.value for kind in new.kinds],
        state=EndpointState.ENABLED,
        created_at=at,
        updated_at=at,
    )
    session.add(endpoint)
    session.flush()
    session.add(EndpointSecret(endpoint_id=new.id, secret=new.secret, created_at=at))
    session.flush()
    return endpoint


def set_endpoint(
    session: Session, merchant_id: MerchantId, new: NewEndpoint | None, *, at: datetime
) -> Endpoint | None:
    """Make the merchant's first endpoint lead there, or remove it; the first one is what `webhook_url` names.

    An endpoint that was there keeps its id, its secret and what it is told of; it is sent to again if it was disabled.
    """
    first = next(iter(list_endpoints(session, merchant_id)), None)
    if new is None:
        if first is not None:
            move_endpoint(session, first, EndpointEvent.REMOVED, at=at)
        return None
    if first is None:
        return add_endpoint(session, merchant_id, new, at=at)
    if new.url != first.url:
        lead_to(first, new.url)
    move_endpoint(session, first, EndpointEvent.SWITCHED_ON, at=at)
    return first


def lead_to(endpoint: Endpoint, url: CheckedUrl) -> None:
    """Let it lead elsewhere: what failed at the old address is no fault of the new one."""
    endpoint.url = url
    endpoint.failing_since = endpoint.failed_last_at = None


def move_endpoint(session: Session, endpoint: Endpoint, event: EndpointEvent, *, at: datetime) -> None:
    """Move the endpoint; what is pending there ends when it is sent to no longer. Raises `LifecycleError`."""
    before, endpoint.state = endpoint.state, advance_endpoint(endpoint.state, event)
    endpoint.updated_at = at
    endpoint.cause = event.value if endpoint.state is not EndpointState.ENABLED else ""
    if before is not endpoint.state:
        endpoint.failing_since = endpoint.failed_last_at = None
    session.add(endpoint)
    session.flush()
    if endpoint.state is not EndpointState.ENABLED:
        give_up(session, endpoint)


def give_up(session: Session, endpoint: Endpoint) -> None:
    """End what is pending at an endpoint that is not sent to."""
    state = advance_delivery(DeliveryState.PENDING, DeliveryEvent.ENDPOINT_LOST)
    give_up_pending(session, endpoint.id, state=state, ended=ended_with(endpoint.state))
    jobs.forgive(session, DELIVER_WEBHOOK, about=endpoint.id)


def ended_with(state: EndpointState) -> str:
    """Word why nothing is attempted at an endpoint."""
    return f"endpoint_{state.value.lower()}"


def rotate_secret(session: Session, endpoint: Endpoint, drawn: str, *, at: datetime, overlap: timedelta) -> None:
    """Put the drawn secret in force; those before it sign beside it until the overlap has passed."""
    forget_secrets(session, endpoint.id, now=at)
    ends_at = at + overlap
    older = list_secrets(session, endpoint.id, now=at)
    for place, secret in enumerate(older):
        is_too_many = place >= SECRETS_MAX - 1
        secret.expires_at = at if is_too_many else min(secret.expires_at or ends_at, ends_at)
        session.add(secret)
    session.flush()
    forget_secrets(session, endpoint.id, now=at)
    session.add(EndpointSecret(endpoint_id=endpoint.id, secret=drawn, created_at=at))
    session.flush()


def owe_deliveries(
    session: Session, event: WebhookEvent, ids: Sequence[tuple[DeliveryId, EndpointId, EndpointState]]
) -> None:
    """Store an event, and owe it to endpoints; to one that is disabled it is listed as failed, to be sent again."""
    deliveries = [
        Delivery(
            id=delivery_id,
            event_id=event.id,
            endpoint_id=endpoint_id,
            merchant_id=event.merchant_id,
            kind=event.kind,
            state=DeliveryState.PENDING if state is EndpointState.ENABLED else DeliveryState.EXHAUSTED,
            next_attempt_at=event.at if state is EndpointState.ENABLED else None,
            ended="" if state is EndpointState.ENABLED else ended_with(state),
            created_at=event.at,
        )
        for delivery_id, endpoint_id, state in ids
    ]
    add_event(session, event, deliveries)
    for delivery in deliveries:
        if delivery.state is DeliveryState.PENDING:
            jobs.owe(session, Duty(DELIVER_WEBHOOK, delivery.endpoint_id, event.subject), due_at=event.at)


def list_receivers(
    session: Session, merchant_id: MerchantId, kind: EventKind
) -> list[tuple[EndpointId, EndpointState]]:
    """Return the endpoints that are told of such events, disabled ones too."""
    return [(it, state) for it, state, kinds in list_endpoint_terms(session, merchant_id) if kind.value in kinds]


def resend(session: Session, numbers: Sequence[int], *, at: datetime) -> int:
    """Make deliveries again, each from its first attempt on, and say how many; attempts made stay listed.

    Those whose endpoint is not sent to stay as they are.
    """
    open_ids = [it for it in list_endpoints_behind(session, numbers) if _is_enabled(lock_endpoint(session, it))]
    deliveries = [it for it in lock_deliveries(session, numbers) if it.endpoint_id in open_ids]
    for delivery in deliveries:
        delivery.state = advance_delivery(delivery.state, DeliveryEvent.RESENT)
        delivery.attempts, delivery.series = 0, delivery.series + 1
        delivery.next_attempt_at, delivery.ended = at, ""
        session.add(delivery)
    session.flush()
    for endpoint_id in dict.fromkeys(delivery.endpoint_id for delivery in deliveries):
        jobs.owe(session, Duty(DELIVER_WEBHOOK, endpoint_id, "resend"), due_at=at)
    return len(deliveries)


def record_attempts(
    session: Session, endpoint_id: EndpointId, brought: Sequence[Brought], *, rules: DeliveryRules
) -> None:
    """Keep what came of attempts at one endpoint, move their deliveries, and disable an endpoint that is gone."""
    endpoint = lock_endpoint(session, endpoint_id)
    if endpoint is None:
        raise MissingError("there is no such endpoint")
    attempted = [_keep(one) for one in brought]
    record_moves(session, attempted, [_move(one, rules.schedule) for one in brought])
    _count_spell(session, endpoint, brought)
    if endpoint.state is not EndpointState.ENABLED:
        give_up(session, endpoint)
    elif any(one.code == GONE for one in brought):
        move_endpoint(session, endpoint, EndpointEvent.GONE, at=brought[-1].ended_at)
    elif _has_failed_for(endpoint, rules.failing_max):
        move_endpoint(session, endpoint, EndpointEvent.FAILING, at=brought[-1].ended_at)


def _is_enabled(endpoint: Endpoint | None) -> bool:
    return endpoint is not None and endpoint.state is EndpointState.ENABLED


def _keep(one: Brought) -> Attempted:
    delivery = one.delivery
    made = (delivery.number, delivery.series, one.at, one.ended_at)
    return Attempted(*made, one.stamp, one.end, one.code, one.text)


def _move(one: Brought, schedule: Schedule) -> Moved:
    attempts, due_at = one.delivery.attempts + 1, None
    event = DeliveryEvent.ACKNOWLEDGED
    if not one.is_acknowledged:
        due_at = schedule.next_attempt_at(attempts, begun_at=one.at, asked=one.asked)
        event = DeliveryEvent.SCHEDULE_ENDED if due_at is None else DeliveryEvent.ATTEMPT_FAILED
    state = advance_delivery(DeliveryState.PENDING, event)
    of = (one.delivery.number, one.delivery.series, one.delivery.attempts)
    return Moved(*of, state, attempts, due_at, one.at, one.code, one.text, one.end.value)


def _count_spell(session: Session, endpoint: Endpoint, brought: Sequence[Brought]) -> None:
    """Note since when nothing arrives; whatever arrives among several ends the spell."""
    if any(one.is_acknowledged for one in brought):
        if endpoint.failing_since is not None:
            endpoint.failing_since = endpoint.failed_last_at = None
            session.add(endpoint)
        return
    last = max(one.at for one in brought)
    is_new = endpoint.failed_last_at is None or last - endpoint.failed_last_at > SPELL_BREAK
    if is_new or endpoint.failing_since is None:
        endpoint.failing_since = min(one.at for one in brought)
    endpoint.failed_last_at = last
    session.add(endpoint)


def _has_failed_for(endpoint: Endpoint, failing_max: timedelta) -> bool:
    since, last = endpoint.failing_since, endpoint.failed_last_at
    return since is not None and last is not None and last - since >= failing_max
