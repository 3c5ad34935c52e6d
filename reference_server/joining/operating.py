"""Joins what operators ask: health, queues and metrics, where everybody asks and at a listener of its own."""

from starlette.types import ASGIApp

from contracts.binding import Document, Operation, bind
from reference_server.apis.door import Door, refuse
from reference_server.apis.operating.guard import MetricsGuard
from reference_server.apis.operating.operations import Operating
from reference_server.documents import OPENAPI
from reference_server.joining.parts import Parts
from reference_server.settings import Environment, Settings

_AT_ITS_OWN_LISTENER = {"readHealth", "readReadiness", "readLiveness", "readMetrics"}


def is_offered(operation: Operation, settings: Settings) -> bool:
    """Say whether there is such an operation here: those for tests are absent where mistakes cost money."""
    return not operation.extensions.get("x-only-in-tests") or settings.environment is not Environment.PRODUCTION


def join_operating(parts: Parts) -> Operating:
    """Return what answers operators where everybody asks."""
    settings = parts.settings
    is_production = settings.environment is Environment.PRODUCTION
    guard = MetricsGuard(settings.metrics_token.get_secret_value(), is_production=is_production)
    return Operating(parts.health, parts.meters, guard=guard)


def bind_operating(parts: Parts) -> ASGIApp:
    """Return what answers at METRICS_PORT, which only the right people can reach."""
    operating = Operating(parts.health, parts.meters, guard=MetricsGuard("", is_production=False, is_open=True))
    handlers = {name: answer for name, answer in operating.handlers().items() if name in _AT_ITS_OWN_LISTENER}
    document = Document.load(OPENAPI).only(lambda operation: operation.operation_id in handlers)
    return bind(document, handlers, refuse=refuse, around=Door(parts.database, parts.clock).around)
