"""Joins documents and operations: the API of `openapi.yaml`, and the control plane."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from contracts.binding import Document, Handler, Limits, bind
from reference_server.apis.door import Door, refuse
from reference_server.apis.hosted_page.money_back import MoneyBack
from reference_server.apis.hosted_page.opening import Opening
from reference_server.apis.hosted_page.operations import HostedPage
from reference_server.apis.hosted_page.page import ProcessingPage
from reference_server.apis.hosted_page.terms import Terms
from reference_server.apis.reference.operations import ApiReference
from reference_server.control.guard import Guard
from reference_server.control.plane import Control
from reference_server.control.wire import ControlOperations, is_for_server
from reference_server.documents import CONTROL, OPENAPI
from reference_server.joining.doorstep import Keeping, forgetting
from reference_server.joining.merchants import join_merchants
from reference_server.joining.operating import is_offered, join_operating
from reference_server.joining.parts import Parts
from reference_server.joining.payments import join_payments
from reference_server.joining.webhook_operations import join_webhook_operations
from reference_server.notifications.receiver import Receiver
from reference_server.operating.measuring import measure_operations, measure_refusals
from reference_server.pages import Pages
from reference_server.payments.reconcile import Reconciler

# Document 004: bodies of JSON up to 10 MB. Forms, which strangers send, keep the kit's own bound.
BODY_BYTES_MAX = 10 * 1024 * 1024
# A body is read before its sender is known: ten megabytes of the shortest values took 17 s, and so many take 0.4 s.
BODY_VALUES_MAX = 50_000


def bind_api(parts: Parts, keeping: Keeping) -> ASGIApp:
    """Return what answers `openapi.yaml`."""
    settings = parts.settings
    document = Document.load(OPENAPI).only(lambda operation: is_offered(operation, settings))
    handlers = {
        **ApiReference(document, Pages(settings.public_url), own_url=settings.public_url).handlers(),
        **_join_hosted_page(parts),
        **join_operating(parts).handlers(),
        **join_merchants(parts),
        **join_webhook_operations(parts),
        **join_payments(parts),
    }
    door = Door(parts.database, parts.clock, known=parts.known, limit=keeping.limit)
    offered = {operation.operation_id for operation in document.operations}
    return bind(
        document,
        forgetting(parts, {name: answer for name, answer in handlers.items() if name in offered}),
        refuse=measure_refusals(refuse, parts.meters),
        limits=Limits(body_bytes=BODY_BYTES_MAX, values=BODY_VALUES_MAX),
        around=measure_operations(door.around, parts.meters),
        check_answers=settings.check_answers,
    )


def _join_hosted_page(parts: Parts) -> dict[str, Handler]:
    settings, chance = parts.settings, parts.chance
    receiver = Receiver(
        parts.database,
        parts.clock,
        registry=parts.registry,
        worker=parts.worker,
        draw_id=lambda account: f"not_{chance.token(account, 'notification', length=20)}",
    )
    receiver.observe = parts.meters.count_notification
    terms = Terms(
        settings.public_url,
        timedelta(minutes=settings.session_minutes),
        parts.rules,
        chance,
        frontends=parts.frontends,
        redaction=parts.journal.redaction,
        fast=parts.fast,
    )
    opening = Opening(parts.database, parts.clock, registry=parts.registry, terms=terms, idempotency=parts.idempotency)
    hosted_page = HostedPage(parts.database, opening=opening, receiver=receiver, terms=terms)
    reconciler = Reconciler(parts.database, parts.clock, registry=parts.registry, rules=parts.rules)
    money_back = MoneyBack(
        parts.database, parts.clock, reconciler=reconciler, rules=parts.rules, idempotency=parts.idempotency
    )
    page = ProcessingPage(parts.database, Pages(settings.public_url))
    return {**hosted_page.handlers(), **money_back.handlers(), **page.handlers()}


def bind_control(control: Control, parts: Parts) -> ASGIApp:
    """Return what answers the server's part of `control.yaml`."""
    own_name = urlsplit(parts.settings.public_url).hostname or ""
    guard = Guard({own_name, *parts.network.hosts()})
    door = Door(parts.database, parts.clock, guard=guard.check)
    return bind(
        Document.load(CONTROL).only(is_for_server),
        ControlOperations(control).handlers(),
        refuse=refuse,
        around=door.around,
        check_answers=parts.settings.check_answers,
    )
