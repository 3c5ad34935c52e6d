"""A merchant's endpoints over the API: registering, changing, rotating secrets, and a test event."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.instants import render_if, render_instant
from reference_server.apis.payments.webhooks import render_delivery
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ConflictError
from reference_server.idempotency import Idempotency
from reference_server.models import ChangedEndpoint, EndpointList, RegisteredEndpoint, Rotate, RotatedEndpointSecret
from reference_server.models import Endpoint as EndpointBody
from reference_server.models import NewEndpoint as NewEndpointBody
from reference_server.webhooks.announce import Announcer
from reference_server.webhooks.apply import NewEndpoint, add_endpoint, lead_to, move_endpoint, rotate_secret
from reference_server.webhooks.draws import Draws
from reference_server.webhooks.guard import Guard
from reference_server.webhooks.lifecycle import EndpointEvent, EndpointState
from reference_server.webhooks.model import DEFAULT_KINDS, CheckedUrl, Endpoint, EventKind
from reference_server.webhooks.store import get_delivery, get_endpoint, list_endpoints

# What is drawn once and shown must not sit in anybody's cache (RFC 9111 section 5.2.2.5).
NO_STORE = (("cache-control", "no-store"),)


@dataclass(frozen=True, slots=True)
class EndpointTerms:
    """Whom webhooks may be sent to, what is drawn, who owes a test event, and how long a rotation usually overlaps."""

    guard: Guard
    draws: Draws
    announcer: Announcer
    overlap: timedelta


class Endpoints:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, database: Database, clock: Clock, *, terms: EndpointTerms, idempotency: Idempotency) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        self._idempotency = idempotency

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "createEndpoint": self.create_endpoint,
            "listEndpoints": self.list_endpoints,
            "readEndpoint": self.read_endpoint,
            "updateEndpoint": self.update_endpoint,
            "removeEndpoint": self.remove_endpoint,
            "rotateEndpointSecret": self.rotate_endpoint_secret,
            "sendTestEvent": self.send_test_event,
        }

    async def create_endpoint(self, call: Call) -> Answer:
        """Register an address that may be sent to, and show its secret, once."""
        merchant, body = authenticated_merchant(), cast("NewEndpointBody", call.body)
        url, draws, at = await self._terms.guard.check(body["url"]), self._terms.draws, self._clock.now()
        kinds = [EventKind(name) for name in body.get("events", [])] or DEFAULT_KINDS
        new = NewEndpoint(draws.endpoint_id(merchant.name), url, draws.secret(merchant.name), kinds)

        def register(session: Session) -> Answer:
            endpoint = add_endpoint(session, merchant.id, new, at=at)
            answer = cast("RegisteredEndpoint", {**render_endpoint(endpoint), "secret": new.secret})
            return Answer.json(201, answer, NO_STORE)

        return await self._idempotency.once(register)

    async def list_endpoints(self, call: Call) -> Answer:
        """Say where webhooks go."""
        merchant_id = authenticated_merchant().id

        def look(session: Session) -> EndpointList:
            return {"items": [render_endpoint(endpoint) for endpoint in list_endpoints(session, merchant_id)]}

        return Answer.json(200, await self._database.read(look))

    async def read_endpoint(self, call: Call) -> Answer:
        """Say how one stands."""
        merchant_id, endpoint_id = authenticated_merchant().id, call.path["endpointId"]

        def look(session: Session) -> EndpointBody:
            return render_endpoint(get_endpoint(session, merchant_id, endpoint_id))

        return Answer.json(200, await self._database.read(look))

    async def update_endpoint(self, call: Call) -> Answer:
        """Change what the body names."""
        merchant_id, endpoint_id = authenticated_merchant().id, call.path["endpointId"]
        body, at = cast("ChangedEndpoint", call.body), self._clock.now()
        url = await self._terms.guard.check(body["url"]) if "url" in body else None

        def change(session: Session) -> EndpointBody:
            endpoint = get_endpoint(session, merchant_id, endpoint_id)
            _change(endpoint, body, url)
            event = _switched(endpoint, body)
            endpoint.updated_at = at
            session.add(endpoint)
            if event is not None:
                move_endpoint(session, endpoint, event, at=at)
            return render_endpoint(endpoint)

        return Answer.json(200, await self._database.run(change))

    async def remove_endpoint(self, call: Call) -> Answer:
        """Send nothing there any more."""
        merchant_id, endpoint_id, at = authenticated_merchant().id, call.path["endpointId"], self._clock.now()

        def remove(session: Session) -> None:
            endpoint = get_endpoint(session, merchant_id, endpoint_id)
            move_endpoint(session, endpoint, EndpointEvent.REMOVED, at=at)

        await self._database.run(remove)
        return Answer(204)

    async def rotate_endpoint_secret(self, call: Call) -> Answer:
        """Put a new secret in force beside the old one."""
        merchant, endpoint_id, at = authenticated_merchant(), call.path["endpointId"], self._clock.now()
        seconds = (cast("Rotate | None", call.body) or {}).get("overlap_seconds")
        overlap = self._terms.overlap if seconds is None else timedelta(seconds=int(seconds))
        drawn = self._terms.draws.secret(merchant.name)

        def rotate(session: Session) -> Answer:
            endpoint = get_endpoint(session, merchant.id, endpoint_id)
            rotate_secret(session, endpoint, drawn, at=at, overlap=overlap)
            answer: RotatedEndpointSecret = {"secret": drawn, "old_signs_until": render_instant(at + overlap)}
            return Answer.json(200, answer, NO_STORE)

        return await self._idempotency.once(rotate)

    async def send_test_event(self, call: Call) -> Answer:
        """Owe an event that nothing happened for."""
        merchant_id, endpoint_id, at = authenticated_merchant().id, call.path["endpointId"], self._clock.now()

        def owe(session: Session) -> Answer:
            endpoint = get_endpoint(session, merchant_id, endpoint_id)
            if endpoint.state is not EndpointState.ENABLED:
                raise ConflictError("the endpoint is disabled; enable it first")
            owed = self._terms.announcer.send_test(session, merchant_id, endpoint.id, at=at)
            return Answer.json(201, render_delivery(*get_delivery(session, merchant_id, owed)))

        return await self._idempotency.once(owe)


def render_endpoint(endpoint: Endpoint) -> EndpointBody:
    """Write an endpoint without its secret."""
    written = {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.kinds,
        "enabled": endpoint.state is EndpointState.ENABLED,
        "state": endpoint.state.value,
        "disabled_because": endpoint.cause or None,
        "failing_since": render_if(endpoint.failing_since),
        "created_at": render_instant(endpoint.created_at),
        "updated_at": render_instant(endpoint.updated_at),
    }
    return cast("EndpointBody", written)


def _change(endpoint: Endpoint, body: ChangedEndpoint, url: CheckedUrl | None) -> None:
    if url is not None and url != endpoint.url:
        lead_to(endpoint, url)
    if "events" in body:
        endpoint.kinds = list(body["events"])


def _switched(endpoint: Endpoint, body: ChangedEndpoint) -> EndpointEvent | None:
    if "enabled" not in body or body["enabled"] == (endpoint.state is EndpointState.ENABLED):
        return None
    return EndpointEvent.SWITCHED_ON if body["enabled"] else EndpointEvent.SWITCHED_OFF
