"""A stage on a real socket, and followers of payments on it: python-socketio's own client, every message judged."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
from starlette.types import ASGIApp

from reference_server.app import Server
from reference_server.documents import REALTIME
from reference_server.settings import Settings
from reference_server.tracking.messages import Messages
from scenarios.listening import Listener, bind
from tests.reference_server.stage import SETTINGS, Stage, staged

MESSAGES = Messages(REALTIME)
# This bounds hanging, not speed.
HEARD_SECONDS_MAX = 20


@dataclass
class Follower:
    """One socket, and what it was told. Raises where a message is none of contracts/realtime.yaml."""

    client: Any
    told: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def connect(cls, address: str, transports: list[str] | None = None) -> "Follower":
        follower = cls(socketio.AsyncClient(reconnection=False, request_timeout=HEARD_SECONDS_MAX))
        follower.client.on("paymentStatusUpdate", follower.hear)
        await follower.client.connect(
            f"http://{address}", transports=transports or ["websocket"], wait_timeout=HEARD_SECONDS_MAX
        )
        return follower

    def hear(self, body: dict[str, str]) -> None:
        """Keep what was told."""
        self.told.append(body)
        self._news.set()

    async def join(self, *said: Any) -> dict[str, Any]:
        """Ask to hear of a session, and return the acknowledgement."""
        asked = said[0] if len(said) == 1 else said
        answer = await self.client.call("join", asked)
        assert MESSAGES.violations_of("joined", answer) == ()
        return answer

    async def statuses(self, count: int) -> list[str]:
        """Wait until so many updates came, and return their words."""
        async with asyncio.timeout(HEARD_SECONDS_MAX):
            while len(self.told) < count:
                self._news.clear()
                await self._news.wait()
        for body in self.told:
            assert MESSAGES.violations_of("paymentStatusUpdate", body) == ()
        return [body["status"] for body in self.told]

    async def until_gone(self) -> None:
        """Wait until the other side has closed the socket."""
        async with asyncio.timeout(HEARD_SECONDS_MAX):
            await self.client.wait()


@dataclass
class Live:
    """The stage, and where its server listens."""

    stage: Stage
    address: str
    followers: list[Follower] = field(default_factory=list[Follower])

    async def follow(self, transports: list[str] | None = None) -> Follower:
        """Open a socket."""
        follower = await Follower.connect(self.address, transports)
        self.followers.append(follower)
        return follower

    async def opened(self) -> tuple[str, str, str]:
        """Return session id, tran_id and tracking token of a payment that the shopper can pay."""
        told = (await self.stage.init()).json()
        return told["sessionId"], told["tran_id"], told["trackingToken"]


@asynccontextmanager
async def listening(app: ASGIApp, bound: socket.socket | None = None) -> AsyncGenerator[str]:
    """Serve an app with the server's own protocols, on an address of its own or a given one, and say where."""
    listener = await Listener.open(
        app, bound or bind(), protocol=Server.http_protocol, websockets=Server.websocket_protocol
    )
    try:
        yield listener.address
    finally:
        await listener.close()


@asynccontextmanager
async def live(settings: Settings = SETTINGS, *, bound: socket.socket | None = None) -> AsyncGenerator[Live]:
    """Start a stage on a real socket; its followers leave first."""
    async with staged(settings) as stage, listening(stage.server.asgi, bound) as address:
        there = Live(stage, address)
        try:
            yield there
        finally:
            for follower in there.followers:
                await follower.client.disconnect()
