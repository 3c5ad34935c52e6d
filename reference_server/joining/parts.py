"""What there is one of in a server, joined and not started: for `app.py` and its other parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.apis.hosted_page.standing import find_present, tell_changes
from reference_server.chance import Chance, fraction_of
from reference_server.changes import Aftermath
from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.documents import REALTIME
from reference_server.fastpath import FastPath
from reference_server.gateways import sslcommerz
from reference_server.gateways.gateway import AcquiringGateway, Gateway, Limits
from reference_server.gateways.registry import Registry
from reference_server.gateways.sandbox import Sandbox, SandboxTerms
from reference_server.idempotency import Idempotency, LeaseTerms
from reference_server.ids import AttemptId
from reference_server.jobs.wakeup import Wakeup
from reference_server.jobs.worker import Worker
from reference_server.joining.webhooks import Seams, Webhooks, join_webhooks
from reference_server.journal import Journal, annotate, annotate_changes
from reference_server.merchants.frontends import Frontends
from reference_server.merchants.known import KnownMerchants
from reference_server.network import Network
from reference_server.operating.events import log_changes
from reference_server.operating.health import Health
from reference_server.operating.meters import Meters
from reference_server.outgoing import Outgoing, Transport
from reference_server.payments.apply import Rules
from reference_server.payments.judgement import LateCapture
from reference_server.privacy.store import watch
from reference_server.settings import Settings
from reference_server.tracking.messages import Messages
from reference_server.tracking.rooms import Present, Rooms, RoomTerms, Wanted


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is one of, joined and not started."""

    settings: Settings
    activity: Activity
    clock: Clock
    chance: Chance
    journal: Journal
    network: Network
    database: Database
    outgoing: Outgoing
    registry: Registry
    acquirer: AcquiringGateway
    worker: Worker
    wakeup: Wakeup
    rules: Rules
    frontends: Frontends
    rooms: Rooms
    fast: FastPath | None
    meters: Meters
    health: Health
    idempotency: Idempotency
    known: KnownMerchants
    webhooks: Webhooks


@dataclass(frozen=True, slots=True)
class Peers:
    """What carries calls out in place of sockets, and what takes the place of the sandbox."""

    transport: Transport | None = None
    acquirer: AcquiringGateway | None = None


def join_parts(settings: Settings, ordinal: Callable[[], int], peers: Peers) -> Parts:
    """Join them; `create_app` says what the arguments are."""
    watch()
    activity = Activity()
    clock = Clock(activity, virtual_from=settings.clock_start if settings.clock is ClockMode.VIRTUAL else None)
    chance, journal, network = Chance(settings.seed), Journal(clock, ordinal), Network(settings.peers)
    database = _database(settings, clock)
    outgoing = Outgoing(clock, activity, journal=journal, network=network, transport=peers.transport)
    acquirer = peers.acquirer or Sandbox(_sandbox_terms(settings), fraction_of)
    worker = Worker(database, clock, activity=activity, name=settings.worker_name, slots=settings.worker_jobs)
    fast = FastPath(settings.redis_address, clock) if settings.redis_address else None
    rooms, meters = _rooms(settings, database, clock, fast=fast), Meters()
    seams = Seams(clock, activity, chance, journal, network)
    webhooks = join_webhooks(settings, seams, database=database, carrier=None if peers.transport is None else outgoing)
    wakeup = Wakeup(settings.database_url, clock, wake=worker.wake)
    _follow_changes(database, meters=meters, rooms=rooms, wakeup=wakeup, webhooks=webhooks)
    outgoing.observe = meters.observe_call
    return Parts(
        settings=settings,
        activity=activity,
        clock=clock,
        chance=chance,
        journal=journal,
        network=network,
        database=database,
        outgoing=outgoing,
        registry=_registry(settings, outgoing, acquirer),
        acquirer=acquirer,
        worker=worker,
        wakeup=wakeup,
        rules=_rules(settings, chance),
        frontends=Frontends(settings.public_url, settings.frontend_url),
        rooms=rooms,
        fast=fast,
        meters=meters,
        health=Health(database, clock, fast=fast, sockets=lambda: rooms.sockets.count),
        idempotency=Idempotency(database, clock, terms=_lease_terms(settings)),
        known=KnownMerchants(database, clock),
        webhooks=webhooks,
    )


def _follow_changes(database: Database, *, meters: Meters, rooms: Rooms, wakeup: Wakeup, webhooks: Webhooks) -> None:
    """Say what a unit that changed an order ends with, and who hears of it once it is committed."""

    def conclude(session: Session, aftermath: Aftermath) -> None:
        tell_changes(session, aftermath)
        webhooks.announcer.announce_changes(session, aftermath)

    def tell(aftermath: Aftermath) -> None:
        annotate_changes(aftermath.changes)
        meters.count_changes(aftermath.changes)
        log_changes(aftermath.changes)
        annotate(note="; ".join(aftermath.notes))
        wakeup.tell(aftermath.first_due_at)
        rooms.announce(aftermath.news)

    database.tell, database.conclude = tell, conclude
    webhooks.dispatcher.observe = meters.count_delivery_attempt


def _registry(settings: Settings, outgoing: Outgoing, acquirer: AcquiringGateway) -> Registry:
    limits = Limits(settings.session_limit_seconds, settings.validation_limit_seconds)
    gateways: dict[str, Gateway] = {sslcommerz.GATEWAY.name: sslcommerz.GATEWAY, acquirer.name: acquirer}
    return Registry(gateways, caller=outgoing, limits=limits)


def _lease_terms(settings: Settings) -> LeaseTerms:
    # Never from the seed: a process that starts again is another one.
    holder = Chance().token("", "holder of idempotency keys", length=16)
    # SQLite's file is one process's.
    return LeaseTerms(holder, settings.database_url.startswith("sqlite"), settings.session_limit_seconds)


def _database(settings: Settings, clock: Clock) -> Database:
    return Database(
        settings.database_url,
        inline=lambda: clock.mode is ClockMode.VIRTUAL,
        pool=settings.database_pool,
        migrate=settings.migrate_at_start,
    )


def _rooms(settings: Settings, database: Database, clock: Clock, *, fast: FastPath | None) -> Rooms:
    async def look(wanted: Wanted) -> Present | None:
        return await database.read(lambda session: find_present(session, wanted))

    terms = RoomTerms(settings.realtime_bare_session, settings.check_answers)
    return Rooms(clock, messages=Messages(REALTIME), look=look, terms=terms, shared=fast)


def _sandbox_terms(settings: Settings) -> SandboxTerms:
    if not settings.test_mode:
        return SandboxTerms()
    delay = settings.test_processing_delay
    return SandboxTerms(settings.test_payment_success, None if delay is None else timedelta(milliseconds=delay))


def _rules(settings: Settings, chance: Chance) -> Rules:
    return Rules(
        late_capture=LateCapture(settings.late_capture),
        hold=timedelta(hours=settings.hold_hours),
        authorization=timedelta(hours=settings.authorization_hours),
        further_tries=settings.retry_failed_payments,
        draw_attempt_id=lambda: AttemptId(f"att_{chance.token('', 'further attempt', length=20)}"),
    )
