"""The composition root: the only file that knows everyone. Joins documents, features, gateways and the clock."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import Session
from starlette.types import ASGIApp

from contracts.binding import Document, bind
from reference_server.activity import Activity
from reference_server.apis.door import Door, refuse
from reference_server.apis.hosted_page.money_back import MoneyBack
from reference_server.apis.hosted_page.operations import HostedPage, Terms
from reference_server.apis.hosted_page.page import ProcessingPage
from reference_server.apis.hosted_page.standing import find_present, tell_changes
from reference_server.chance import Chance
from reference_server.changes import Aftermath
from reference_server.clock import Clock, ClockMode, machine_ordinal
from reference_server.control.accounts import Accounts, ApiKey, GatewayTerms, Known, NewAccount
from reference_server.control.guard import Guard
from reference_server.control.plane import Control, Controlled
from reference_server.control.wire import ControlOperations, is_for_server
from reference_server.database import Database
from reference_server.entrance import Entrance
from reference_server.fastpath import FastPath
from reference_server.fulfilment.apply import FULFIL_ORDER
from reference_server.fulfilment.provisioning import DeliveryTerms, FulfilmentEnd, Provisioner
from reference_server.gateways import sslcommerz
from reference_server.gateways.gateway import Limits
from reference_server.gateways.registry import Registry
from reference_server.ids import AttemptId
from reference_server.incarnation import count_start, know_installation, rename_installation
from reference_server.jobs.worker import JobFunction, Worker
from reference_server.journal import Journal, annotate, annotate_changes
from reference_server.log import configure_log
from reference_server.merchants.frontends import Frontends
from reference_server.network import Network
from reference_server.notifications.confirm import Confirmer
from reference_server.notifications.receiver import CONFIRM_NOTIFICATION, Receiver
from reference_server.outgoing import Outgoing, Transport
from reference_server.pages import Pages
from reference_server.payments.apply import EXPIRE_SESSION, LAPSE_HOLD, RECONCILE_PAYMENT, Rules
from reference_server.payments.judgement import LateCapture
from reference_server.payments.reconcile import Reconciler
from reference_server.recording import recorded
from reference_server.refunds.apply import FOLLOW_REFUND, SEND_REFUND
from reference_server.refunds.sending import Refunder
from reference_server.settings import Settings
from reference_server.sockets import BoundedProtocol, BoundedWebSocket
from reference_server.timekeeper import Timekeeper
from reference_server.tracking.doorway import Doorway
from reference_server.tracking.messages import Messages
from reference_server.tracking.rooms import Present, Rooms, RoomTerms, Wanted

_ROOT = Path(__file__).resolve().parent.parent
OPENAPI = _ROOT / "openapi.yaml"
CONTROL = _ROOT / "contracts" / "control.yaml"
REALTIME = _ROOT / "contracts" / "realtime.yaml"
# The account that the settings describe.
DEFAULT_ACCOUNT = "default"


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
    worker: Worker
    rules: Rules
    frontends: Frontends
    rooms: Rooms
    fast: FastPath | None


class Server:
    """One reference server. `asgi` serves it; `start` and `stop` are also driven by ASGI's lifespan."""

    # For uvicorn: how a connection is to be read.
    http_protocol: type[asyncio.Protocol] = BoundedProtocol
    websocket_protocol: type[asyncio.Protocol] = BoundedWebSocket

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._loop: asyncio.Task[None] | None = None
        self._accounts = Accounts(
            parts.database,
            parts.chance,
            registry=parts.registry,
            known=Known(parts.journal.redaction, parts.frontends),
            frontend_url=parts.settings.returns_to,
        )
        self.journal = parts.journal
        self.rooms = parts.rooms
        self.database = parts.database
        self.worker = parts.worker
        self.timekeeper = Timekeeper(parts.clock, parts.activity, parts.worker)
        self.control = Control(self._controlled())
        parts.worker.functions = _functions(parts)
        self.asgi: ASGIApp = self._entrance()

    async def start(self) -> None:
        """Open the database, go on from where a predecessor stopped, and begin to run what is due."""
        parts = self._parts
        if parts.database.is_open:
            return
        parts.database.open()
        remembered = await parts.database.run(count_start)
        parts.chance.incarnation = remembered.starts
        if parts.clock.mode is ClockMode.VIRTUAL and remembered.instant is not None:
            parts.clock.set(max(parts.clock.now(), remembered.instant))
        await parts.worker.take_over()
        await self._name_installation(know_installation)
        await self._open_default_account()
        await self._accounts.recall()
        await parts.rooms.start()
        self._loop = asyncio.create_task(parts.worker.loop(), name="worker")

    async def stop(self) -> None:
        """End; nothing is written, so that a stop and a kill leave the same behind."""
        parts = self._parts
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        await parts.worker.stop()
        await parts.rooms.stop()
        if parts.fast is not None:
            await parts.fast.close()
        await parts.outgoing.close()
        parts.database.close()

    async def _name_installation(self, name: Callable[[Session, str], str]) -> None:
        """Say whose facts lie in Redis. Never drawn from the seed: two stores of one seed have the same session ids."""
        if self._parts.fast is not None:
            drawn = Chance().token("", "installation", length=24)
            self._parts.fast.installation = await self._parts.database.run(lambda session: name(session, drawn))

    async def _open_default_account(self) -> None:
        settings = self._parts.settings
        if not settings.merchant_api_key:
            return
        gateway = None
        if settings.sslcommerz_store_id:
            credentials = {
                "store_id": settings.sslcommerz_store_id,
                "store_passwd": settings.sslcommerz_store_passwd.get_secret_value(),
            }
            gateway = GatewayTerms(sslcommerz.GATEWAY.name, credentials, settings.sslcommerz_base_url)
        new = NewAccount(DEFAULT_ACCOUNT, gateway, settings.provisioning_url, settings.returns_to)
        api_key = ApiKey(settings.merchant_api_key, settings.merchant_api_secret.get_secret_value())
        await self._accounts.renew_account(new, api_key)

    def _controlled(self) -> Controlled:
        parts = self._parts
        return Controlled(
            clock=parts.clock,
            activity=parts.activity,
            timekeeper=self.timekeeper,
            journal=parts.journal,
            database=parts.database,
            chance=parts.chance,
            accounts=self._accounts,
            forget_elsewhere=lambda: self._name_installation(rename_installation),
            address=parts.settings.public_url,
            advance_seconds_max=parts.settings.advance_limit_seconds,
        )

    def _entrance(self) -> ASGIApp:
        parts, settings = self._parts, self._parts.settings
        # Without a conductor nobody compares calls with requests, and a watch costs a task for each of these.
        watch = settings.control or settings.clock is ClockMode.VIRTUAL
        api = parts.activity.taking(recorded(_bind_api(parts), parts.journal), watch_hang_up=watch)
        control = _bind_control(self.control, parts) if settings.control else None
        doorway = Doorway(parts.rooms, is_origin=parts.frontends.is_origin, sockets_max=settings.realtime_sockets)
        return Entrance(api, control, sockets=doorway, start=self.start, stop=self.stop)


def create_app(
    settings: Settings,
    *,
    ordinal: Callable[[], int] | None = None,
    transport: Transport | None = None,
) -> Server:
    """Join a server that is not started yet.

    `ordinal` places exchanges among those of other sides of one process; `transport` carries calls out in place of
    sockets. Raises `BindingError` when documents and operations do not cover each other.
    """
    configure_log()
    return Server(_parts(settings, ordinal or machine_ordinal, transport))


def _parts(settings: Settings, ordinal: Callable[[], int], transport: Transport | None) -> Parts:
    activity = Activity()
    is_virtual = settings.clock is ClockMode.VIRTUAL
    clock = Clock(activity, virtual_from=settings.clock_start if is_virtual else None)
    chance, journal, network = Chance(settings.seed), Journal(clock, ordinal), Network(settings.peers)
    database = Database(settings.database_url, inline=lambda: clock.mode is ClockMode.VIRTUAL)
    outgoing = Outgoing(clock, activity, journal=journal, network=network, transport=transport)
    limits = Limits(settings.session_limit_seconds, settings.validation_limit_seconds)
    worker = Worker(database, clock, activity=activity, name=settings.worker_name, slots=settings.worker_jobs)
    fast = FastPath(settings.redis_address, clock) if settings.redis_address else None
    rooms = _rooms(settings, database, clock, fast=fast)

    def tell(aftermath: Aftermath) -> None:
        annotate_changes(aftermath.changes)
        annotate(note="; ".join(aftermath.notes))
        if aftermath.owed:
            worker.wake.set()
        rooms.announce(aftermath.news)

    database.tell, database.conclude = tell, tell_changes
    return Parts(
        settings=settings,
        activity=activity,
        clock=clock,
        chance=chance,
        journal=journal,
        network=network,
        database=database,
        outgoing=outgoing,
        registry=Registry({sslcommerz.GATEWAY.name: sslcommerz.GATEWAY}, caller=outgoing, limits=limits),
        worker=worker,
        rules=_rules(settings, chance),
        frontends=Frontends(settings.public_url),
        rooms=rooms,
        fast=fast,
    )


def _rooms(settings: Settings, database: Database, clock: Clock, *, fast: FastPath | None) -> Rooms:
    async def look(wanted: Wanted) -> Present | None:
        return await database.read(lambda session: find_present(session, wanted))

    terms = RoomTerms(settings.realtime_bare_session, settings.check_answers)
    return Rooms(clock, messages=Messages(REALTIME), look=look, terms=terms, shared=fast)


def _rules(settings: Settings, chance: Chance) -> Rules:
    return Rules(
        late_capture=LateCapture(settings.late_capture),
        hold=timedelta(hours=settings.hold_hours),
        draw_attempt_id=lambda: AttemptId(f"att_{chance.token('', 'further attempt', length=20)}"),
    )


def _functions(parts: Parts) -> dict[str, JobFunction]:
    """Join the kinds of jobs to what does them: features owe each other work by name alone."""
    database, clock, registry, rules = parts.database, parts.clock, parts.registry, parts.rules
    confirmer = Confirmer(database, clock, registry=registry, rules=rules)
    reconciler = Reconciler(database, clock, registry=registry, rules=rules)
    refunder = Refunder(database, clock, registry=registry)
    delivery = DeliveryTerms(parts.settings.provisioning_limit_seconds, FulfilmentEnd(parts.settings.fulfilment_end))
    provisioner = Provisioner(database, clock, caller=parts.outgoing, terms=delivery)
    return {
        CONFIRM_NOTIFICATION: confirmer.confirm_notification,
        EXPIRE_SESSION: reconciler.expire_session,
        RECONCILE_PAYMENT: reconciler.reconcile_payment,
        LAPSE_HOLD: reconciler.lapse_hold,
        FULFIL_ORDER: provisioner.fulfil_order,
        SEND_REFUND: refunder.send_refund,
        FOLLOW_REFUND: refunder.follow_refund,
    }


def _bind_api(parts: Parts) -> ASGIApp:
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


def _bind_control(control: Control, parts: Parts) -> ASGIApp:
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
