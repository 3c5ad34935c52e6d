"""Joins what merchants ask of the payments API about themselves, their refunds, their figures and their shoppers."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from contracts.binding import Answer, Call
from reference_server.apis.payments.first_endpoint import FirstEndpoint
from reference_server.apis.payments.merchants import Merchants, MerchantTerms
from reference_server.apis.payments.privacy import Privacy
from reference_server.apis.payments.refunds import Refunds
from reference_server.apis.payments.stats import Stats
from reference_server.joining.parts import Parts
from reference_server.settings import Environment


def join_merchants(parts: Parts) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
    """Return those operations with what answers them."""
    webhooks = parts.webhooks
    endpoint = FirstEndpoint(webhooks.guard, draw_id=webhooks.draws.endpoint_id, draw_secret=webhooks.draws.secret)
    merchants = Merchants(parts.database, parts.clock, chance=parts.chance, endpoint=endpoint, terms=_terms(parts))
    refunds = Refunds(parts.database, parts.clock, idempotency=parts.idempotency, waits=parts.registry.refunds_after)
    stats = Stats(parts.database, parts.clock)
    privacy = Privacy(parts.database, parts.clock, journal=parts.journal)
    return {**merchants.handlers(), **refunds.handlers(), **stats.handlers(), **privacy.handlers()}


def _terms(parts: Parts) -> MerchantTerms:
    settings = parts.settings
    return MerchantTerms(
        admin_token=settings.admin_token.get_secret_value(),
        is_open=settings.environment is not Environment.PRODUCTION,
        overlap=timedelta(hours=settings.rotation_overlap_hours),
        frontend_url=settings.returns_to,
        redaction=parts.journal.redaction,
    )
