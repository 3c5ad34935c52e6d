"""Joins documents and operations: the API of `openapi.yaml`, and the control plane."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from contracts.binding import Document, bind
from reference_server.apis.door import Door, refuse
from reference_server.apis.hosted_page.money_back import MoneyBack
from reference_server.apis.hosted_page.operations import HostedPage, Terms
from reference_server.apis.hosted_page.page import ProcessingPage
from reference_server.control.guard import Guard
from reference_server.control.plane import Control
from reference_server.control.wire import ControlOperations, is_for_server
from reference_server.documents import CONTROL, OPENAPI
from reference_server.joining.parts import Parts
from reference_server.notifications.receiver import Receiver
from reference_server.pages import Pages
from reference_server.payments.reconcile import Reconciler


def bind_api(parts: Parts) -> ASGIApp:
    """Return what answers `openapi.yaml`."""
    settings, chance = parts.settings, parts.chance
    receiver = Receiver(
        parts.database,
        parts.clock,
        registry=parts.registry,
        worker=parts.worker,
        draw_id=lambda account: f"not_{chance.token(account, 'notification', length=20)}",
    )
    terms = Terms(
        settings.public_url,
        timedelta(minutes=settings.session_minutes),
        parts.rules,
        chance,
        frontends=parts.frontends,
        redaction=parts.journal.redaction,
        fast=parts.fast,
    )
    hosted_page = HostedPage(parts.database, parts.clock, registry=parts.registry, receiver=receiver, terms=terms)
    reconciler = Reconciler(parts.database, parts.clock, registry=parts.registry, rules=parts.rules)
    money_back = MoneyBack(parts.database, parts.clock, reconciler=reconciler, rules=parts.rules)
    page = ProcessingPage(parts.database, Pages(settings.public_url))
    return bind(
        Document.load(OPENAPI),
        {**hosted_page.handlers(), **money_back.handlers(), **page.handlers()},
        refuse=refuse,
        around=Door(parts.database).around,
        check_answers=settings.check_answers,
    )


def bind_control(control: Control, parts: Parts) -> ASGIApp:
    """Return what answers the server's part of `control.yaml`."""
    own_name = urlsplit(parts.settings.public_url).hostname or ""
    guard = Guard({own_name, *parts.network.hosts()})
    door = Door(parts.database, guard=guard.check)
    return bind(
        Document.load(CONTROL).only(is_for_server),
        ControlOperations(control).handlers(),
        refuse=refuse,
        around=door.around,
        check_answers=parts.settings.check_answers,
    )
