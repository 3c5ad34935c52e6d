"""The composition root: the only file that knows everyone. Joins documents, features, gateways and the clock."""

import asyncio
import socket
from collections.abc import Callable

from sqlmodel import Session
from starlette.types import ASGIApp

from reference_server.chance import Chance
from reference_server.clock import ClockMode, machine_ordinal
from reference_server.control.accounts import Accounts, ApiKey, GatewayTerms, Known, NewAccount
from reference_server.control.plane import Control, Controlled
from reference_server.database import Database
from reference_server.door.compression import compressed
from reference_server.door.doorstep import Doorstep, SocketStep
from reference_server.entrance import Entrance
from reference_server.gateways import sslcommerz
from reference_server.gateways.gateway import AcquiringGateway
from reference_server.incarnation import count_start, know_installation, rename_installation
from reference_server.jobs.heart import Heart, HeartTerms
from reference_server.jobs.station import Crew, Station
from reference_server.joining.bound import bind_api, bind_control
from reference_server.joining.doorstep import join_keeping
from reference_server.joining.duties import join_duties
from reference_server.joining.operating import bind_operating
from reference_server.joining.parts import Parts, Peers, join_parts
from reference_server.joining.purges import join_purges
from reference_server.log import configure_log
from reference_server.operating.listener import Listener
from reference_server.operating.measuring import measure_jobs
from reference_server.outgoing import Transport
from reference_server.privacy.store import list_erased
from reference_server.recording import recorded
from reference_server.settings import Settings
from reference_server.siblings import Siblings
from reference_server.sockets import BoundedProtocol, BoundedWebSocket
from reference_server.timekeeper import Timekeeper
from reference_server.tracking.doorway import Doorway

# The account that the settings describe.
DEFAULT_ACCOUNT = "default"


class Server:
    """One reference server. `asgi` serves it; `start` and `stop` are also driven by ASGI's lifespan."""

    # For uvicorn: how a connection is to be read.
    http_protocol: type[asyncio.Protocol] = BoundedProtocol
    websocket_protocol: type[asyncio.Protocol] = BoundedWebSocket

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._accounts = Accounts(
            parts.database,
            parts.chance,
            registry=parts.registry,
            known=Known(parts.journal.redaction, parts.frontends),
            frontend_url=parts.settings.returns_to,
        )
        self.journal = parts.journal
        self.rooms = parts.rooms
        self.frontends = parts.frontends
        self.database = parts.database
        self.worker = parts.worker
        self._siblings = Siblings(parts.database, parts.clock, learn=self._recall, fast=parts.fast)
        self._station = self._manned_station()
        self.timekeeper = Timekeeper(parts.clock, parts.activity, parts.worker)
        self.control = Control(self._controlled())
        parts.worker.functions = measure_jobs(join_duties(parts), parts.meters)
        self._metrics = _own_listener(parts)
        self._keeping = join_keeping(parts)
        self.asgi: ASGIApp = self._entrance()

    @property
    def metrics_port(self) -> int | None:
        """Where the listener for metrics is, and None where there is none."""
        return None if self._metrics is None else self._metrics.port

    async def start(self) -> None:
        """Open the database, go on from where a predecessor stopped, and begin to run what is due."""
        parts = self._parts
        if parts.database.is_open:
            return
        parts.database.open()
        if self._metrics is not None:
            await self._metrics.start()
        remembered = await parts.database.run(count_start)
        parts.chance.incarnation = remembered.starts
        if parts.clock.mode is ClockMode.VIRTUAL and remembered.instant is not None:
            parts.clock.set(max(parts.clock.now(), remembered.instant))
        parts.worker.name = parts.settings.worker_name or _own_name(parts.database, remembered.starts)
        await self._station.sign_on()
        await self._name_installation(know_installation)
        await self._open_default_account()
        await self._recall()
        await parts.rooms.start()
        await self._station.begin()

    async def drain(self) -> None:
        """Begin nothing more that is owed, and let what runs come to its end, within a few seconds."""
        self._parts.health.is_ending = True
        await self._station.drain()

    async def stop(self) -> None:
        """End. On a virtual clock nothing is written, so that a stop and a kill leave the same behind."""
        parts = self._parts
        parts.health.is_ending = True
        await self._station.stop()
        await parts.rooms.stop()
        if parts.fast is not None:
            await parts.fast.close()
        await self._keeping.terms.limiter.close()
        await parts.webhooks.sender.close()
        await parts.outgoing.close()
        if self._metrics is not None:
            await self._metrics.stop()
        await parts.database.finish()
        parts.database.close()

    def _manned_station(self) -> Station:
        parts, settings = self._parts, self._parts.settings
        terms = HeartTerms(settings.embedded_worker, join_purges(settings), heed=self._siblings.heed)
        heart = Heart(parts.worker, parts.database, parts.clock, terms=terms)
        return Station(Crew(parts.worker, heart, parts.wakeup), parts.clock, runs_jobs=settings.embedded_worker)

    async def _recall(self) -> None:
        """Know of merchants what the store knows, and whose details are kept no more."""
        await self._accounts.recall()
        self._parts.journal.know_erased(await self._parts.database.read(list_erased))

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
        api: ASGIApp = Doorstep(bind_api(parts, self._keeping), self._keeping.terms)
        if watch:
            # Journaled are what the door adds and what it refuses; compressed is what was journaled. Without the
            # control plane nobody could read a journal.
            api = recorded(api, parts.journal)
        api = compressed(parts.activity.taking(api, watch_hang_up=watch))
        control = bind_control(self.control, parts) if settings.control else None
        doorway = Doorway(
            parts.rooms,
            is_origin=parts.frontends.is_origin,
            sockets_max=settings.realtime_sockets,
            per_address_max=settings.realtime_sockets_per_address,
        )
        sockets = SocketStep(doorway, self._keeping.terms)
        entrance = Entrance(api, control, sockets=sockets, start=self.start, stop=self.stop)
        return self._siblings.catching_up(entrance)


def create_app(
    settings: Settings,
    *,
    ordinal: Callable[[], int] | None = None,
    transport: Transport | None = None,
    acquirer: AcquiringGateway | None = None,
) -> Server:
    """Join a server that is not started yet.

    `ordinal` places exchanges among those of other sides of one process; `transport` carries calls out in place of
    sockets; `acquirer` takes the place of the sandbox. Raises `BindingError` when documents and operations do not cover
    each other.
    """
    parts = join_parts(settings, ordinal or machine_ordinal, Peers(transport, acquirer))
    parts.journal.redaction.hide(settings.secrets())
    configure_log(settings.log_format, settings.log_level, known=parts.journal.redaction)
    return Server(parts)


def _own_listener(parts: Parts) -> Listener | None:
    settings = parts.settings
    if settings.metrics_port is None:
        return None
    return Listener(bind_operating(parts), settings.metrics_host, port=settings.metrics_port)


def _own_name(database: Database, starts: int) -> str:
    """Name a worker that was given no name; nobody else on this store has it."""
    return f"{socket.gethostname()[:40]}-{starts}" if database.is_shared else "server"
