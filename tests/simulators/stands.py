"""A side of simulators on real loopback sockets of this process, with clients for its control plane and its pages."""

import asyncio
import itertools
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn

from contracts.binding import ASGIApp, Receive, Scope, Send
from simulators.app import Simulators, create_app
from simulators.settings import Settings

Json = Any
# What a fault without settings is armed with.
NO_SETTINGS: Json = {}

ORDER = {
    "total_amount": "1250.00",
    "currency": "BDT",
    "tran_id": "ORDER-1",
    "product_category": "software",
    "product_name": "Licence",
    "product_profile": "general",
    "success_url": "http://shop.test/success?kept=1",
    "fail_url": "http://shop.test/fail",
    "cancel_url": "http://shop.test/cancel",
    "cus_name": "Rahima Akter",
    "cus_email": "rahima@example.com",
    "cus_phone": "01711000000",
    "shipping_method": "NO",
}
STORE = {"store_id": "testbox", "store_passwd": "qwerty"}


@dataclass(slots=True)
class Stand:
    """What a test holds: the side, and how to speak to it."""

    side: Simulators
    urls: Mapping[str, str]
    client: httpx.AsyncClient

    async def control(
        self, method: str, path: str, *, account: str = "default", body: Json = None, **query: Json
    ) -> Json:
        """Ask the control plane; raise for a refusal."""
        answer = await self.ask_control(method, path, account=account, body=body, **query)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    async def ask_control(
        self, method: str, path: str, *, account: str = "default", body: Json = None, **query: Json
    ) -> httpx.Response:
        """Ask the control plane, whatever it answers."""
        url = f"{self.urls['control']}/_control{path}"
        return await self.client.request(method, url, params={"account": account, **query}, json=body)

    async def open_session(self, **fields: str) -> Json:
        """Open a session as a merchant would, by a form."""
        url = f"{self.urls['sslcommerz']}/gwprocess/v4/api.php"
        return (await self.client.post(url, data={**STORE, **ORDER, **fields})).json()

    async def validate(self, val_id: str, **more: str) -> Json:
        """Confirm a payment."""
        url = f"{self.urls['sslcommerz']}/validator/api/validationserverAPI.php"
        return (await self.client.get(url, params={**STORE, "val_id": val_id, "format": "json", **more})).json()

    async def query(self, **fields: str) -> Json:
        """Ask for a transaction."""
        url = f"{self.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        return (await self.client.get(url, params={**STORE, **fields})).json()

    async def journal(self, account: str = "default", **query: Json) -> list[Json]:
        """Read the journal."""
        return (await self.control("GET", "/journal", account=account, limit=10_000, **query))["exchanges"]


def free_socket() -> socket.socket:
    """Bind a free loopback port."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


@asynccontextmanager
async def served(app: ASGIApp, *, protocol: Any = "httptools") -> AsyncGenerator[str]:
    """Serve an app on a free port of this loop; gives its address."""
    bound = free_socket()
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", access_log=False, log_config=None, date_header=False,
        server_header=False,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[bound])
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.force_exit = True
        await server.shutdown(sockets=[bound])


@asynccontextmanager
async def open_stand(**settings: Json) -> AsyncGenerator[Stand]:
    """Start a side, each listener on a free port, answers checked against their documents."""
    chosen = Settings.model_validate({"check_answers": True, "clock": "virtual", "seed": 7, **settings})
    side = create_app(chosen, ordinal=itertools.count(1).__next__)
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for name, app in side.listeners.items():
            urls[name] = await stack.enter_async_context(served(app, protocol=side.http_protocol))
            side.heard_at(name, urls[name])
        await side.start()
        stack.push_async_callback(side.stop)
        client = await stack.enter_async_context(
            httpx.AsyncClient(trust_env=False, timeout=60, limits=httpx.Limits(max_keepalive_connections=0))
        )
        yield Stand(side, urls, client)


@dataclass(slots=True)
class Receiver:
    """A merchant's IPN receiver: keeps what came and answers what it is told to."""

    status: int = 200
    got: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    # Awaited before the answer, with the fields that came.
    meanwhile: Callable[[dict[str, str]], Awaitable[None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self.got.append(fields)
        if self.meanwhile is not None:
            await self.meanwhile(fields)
        headers = [(b"content-length", b"2"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


async def until(holds: Callable[[], bool]) -> None:
    """Give others their turn until something holds; gives up after 20 s of real time."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # there is no event to wait for: it holds in somebody else's state
            await asyncio.sleep(0)
