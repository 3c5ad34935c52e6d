"""The composition root: the only file that knows everyone. Joins documents, features, gateways and the clock."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlmodel import Session
from starlette.types import ASGIApp

from reference_server.chance import Chance
from reference_server.clock import ClockMode, machine_ordinal
from reference_server.control.accounts import Accounts, ApiKey, GatewayTerms, Known, NewAccount
from reference_server.control.plane import Control, Controlled
from reference_server.entrance import Entrance
from reference_server.gateways import sslcommerz
from reference_server.incarnation import count_start, know_installation, rename_installation
from reference_server.joining.bound import bind_api, bind_control
from reference_server.joining.duties import join_duties
from reference_server.joining.parts import Parts, join_parts
from reference_server.log import configure_log
from reference_server.outgoing import Transport
from reference_server.recording import recorded
from reference_server.settings import Settings
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
        parts.worker.functions = join_duties(parts)
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
        api = parts.activity.taking(recorded(bind_api(parts), parts.journal), watch_hang_up=watch)
        control = bind_control(self.control, parts) if settings.control else None
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
    return Server(join_parts(settings, ordinal or machine_ordinal, transport))
