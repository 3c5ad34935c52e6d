"""Joins what merchants ask about their endpoints and about what was sent there."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from contracts.binding import Answer, Call
from reference_server.apis.payments.endpoints import Endpoints, EndpointTerms
from reference_server.apis.payments.webhooks import Deliveries
from reference_server.joining.parts import Parts


def join_webhook_operations(parts: Parts) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
    """Return those operations with what answers them."""
    webhooks, overlap = parts.webhooks, timedelta(hours=parts.settings.rotation_overlap_hours)
    terms = EndpointTerms(webhooks.guard, webhooks.draws, webhooks.announcer, overlap)
    endpoints = Endpoints(parts.database, parts.clock, terms=terms, idempotency=parts.idempotency)
    deliveries = Deliveries(parts.database, parts.clock, idempotency=parts.idempotency)
    return {**endpoints.handlers(), **deliveries.handlers()}
