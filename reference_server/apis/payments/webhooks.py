"""What was sent to a merchant's endpoints, over the API: listing, reading, and bringing it again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import assert_never, cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.instants import read_instant, render_if, render_instant
from reference_server.apis.payments.places import read_place, render_place
from reference_server.clock import Clock
from reference_server.columns import read_json
from reference_server.database import Database
from reference_server.errors import ConflictError, InvalidError
from reference_server.idempotency import Idempotency
from reference_server.models import Delivery as DeliveryBody
from reference_server.models import DeliveryAttempt as AttemptBody
from reference_server.models import DeliveryList, DeliveryStatus, DeliveryWithAttempts, ResendDeliveries, Resent
from reference_server.webhooks.apply import resend
from reference_server.webhooks.lifecycle import DeliveryState
from reference_server.webhooks.model import Delivery, DeliveryAttempt, WebhookEvent
from reference_server.webhooks.store import (
    DeliveryFilter,
    count_deliveries,
    get_delivery,
    list_attempts,
    list_deliveries,
    list_numbers,
)

RESENT_MAX = 1_000


class Deliveries:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, database: Database, clock: Clock, *, idempotency: Idempotency) -> None:
        self._database = database
        self._clock = clock
        self._idempotency = idempotency

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "listDeliveries": self.list_deliveries,
            "readDelivery": self.read_delivery,
            "retryDelivery": self.retry_delivery,
            "resendDeliveries": self.resend_deliveries,
        }

    async def list_deliveries(self, call: Call) -> Answer:
        """Say what was sent, newest first."""
        merchant_id, query = authenticated_merchant().id, call.query
        limit, offset = query.get("limit", 10), query.get("offset", 0)
        status, since, until = query.get("status"), query.get("from"), query.get("to")
        wanted = DeliveryFilter(
            states=() if status is None else (state_of(status),),
            kind=query.get("event"),
            endpoint_id=query.get("endpoint"),
            payment_id=query.get("payment_id"),
            since=None if since is None else read_instant(since, name="from"),
            until=None if until is None else read_instant(until, name="to"),
        )

        def look(session: Session) -> DeliveryList:
            found = list_deliveries(session, merchant_id, wanted, limit=limit, offset=offset)
            return {
                "items": [render_delivery(*one) for one in found],
                "limit": limit,
                "offset": offset,
                "total": count_deliveries(session, merchant_id, wanted),
            }

        return Answer.json(200, await self._database.read(look))

    async def read_delivery(self, call: Call) -> Answer:
        """Say how one stands, with every attempt."""
        merchant_id, delivery_id = authenticated_merchant().id, call.path["webhookId"]

        def look(session: Session) -> DeliveryWithAttempts:
            delivery, event = get_delivery(session, merchant_id, delivery_id)
            attempts = enumerate(list_attempts(session, delivery.number or 0), 1)
            told = [_render_attempt(number, attempt) for number, attempt in attempts]
            return cast("DeliveryWithAttempts", {**render_delivery(delivery, event), "delivery_attempts": told})

        return Answer.json(200, await self._database.read(look))

    async def retry_delivery(self, call: Call) -> Answer:
        """Begin its schedule anew."""
        merchant_id, delivery_id, at = authenticated_merchant().id, call.path["webhookId"], self._clock.now()

        def retry(session: Session) -> Answer:
            delivery, event = get_delivery(session, merchant_id, delivery_id)
            if not resend(session, [delivery.number or 0], at=at):
                raise ConflictError("its endpoint is removed or disabled; enable it, and ask again")
            return Answer.json(202, render_delivery(delivery, event))

        return await self._idempotency.once(retry)

    async def resend_deliveries(self, call: Call) -> Answer:
        """Begin the schedules of a span of time anew, a step of it at a time."""
        merchant_id, body, at = authenticated_merchant().id, cast("ResendDeliveries", call.body), self._clock.now()
        after = body.get("after")
        wanted = DeliveryFilter(
            states=(state_of(body.get("status", "failed")),),
            kind=body.get("event"),
            endpoint_id=body.get("endpoint"),
            since=_read_span_end(body["from"], "/from"),
            until=_read_span_end(body["to"], "/to"),
            after=None if after is None else read_place(after, pointer="/after"),
        )

        def bring_again(session: Session) -> Answer:
            found = list_numbers(session, merchant_id, wanted, limit=RESENT_MAX + 1)
            has_more = len(found) > RESENT_MAX
            resent = resend(session, found[:RESENT_MAX], at=at)
            last = render_place(session.get_one(Delivery, found[RESENT_MAX - 1])) if has_more else None
            answer: Resent = {"resent": resent, "has_more": has_more, "next": last}
            return Answer.json(202, answer)

        return await self._idempotency.once(bring_again)


def word_delivery(state: DeliveryState) -> DeliveryStatus:
    """Return document 001's word for a delivery."""
    match state:
        case DeliveryState.PENDING:
            return "pending"
        case DeliveryState.DELIVERED:
            return "success"
        case DeliveryState.EXHAUSTED:
            return "failed"
    assert_never(state)


def state_of(status: DeliveryStatus) -> DeliveryState:
    """Return the state that has this word."""
    return next(state for state in DeliveryState if word_delivery(state) == status)


def render_delivery(delivery: Delivery, event: WebhookEvent) -> DeliveryBody:
    """Write a delivery in document 001's columns."""
    written = {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "event": delivery.kind,
        "endpoint": delivery.endpoint_id,
        "status": word_delivery(delivery.state),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "last_attempt_at": render_if(delivery.last_attempt_at),
        "next_retry_at": render_if(delivery.next_attempt_at),
        "response_code": delivery.response_code,
        "response_body": delivery.response_body,
        "ended": delivery.ended or None,
        "payload": read_json(event.body.decode()),
        "created_at": render_instant(delivery.created_at),
    }
    return cast("DeliveryBody", written)


def _render_attempt(number: int, attempt: DeliveryAttempt) -> AttemptBody:
    return {
        "number": number,
        "series": attempt.series,
        "at": render_instant(attempt.at),
        "ended_at": render_instant(attempt.ended_at),
        "timestamp": attempt.stamp,
        "ended": attempt.end.value,
        "response_code": attempt.response_code,
        "response_body": attempt.response_body,
    }


def _read_span_end(text: str, pointer: str) -> datetime:
    try:
        return read_instant(text, name=pointer)
    except InvalidError as wrong:
        raise InvalidError(wrong.message, pointer=pointer, rule=wrong.rule) from None
