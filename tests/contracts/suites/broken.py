"""The reference server with one mistake put in by hand, through the seams by which it is joined, and served.

Each mistake is one that real payment servers have made; `BUGS` names them.
"""

import json
from collections.abc import Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace

from sqlmodel import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.binding import Answer
from reference_server.app import Server
from reference_server.clock import machine_ordinal
from reference_server.idempotency import Idempotency, LeaseTerms
from reference_server.joining.parts import Parts, Peers, join_parts
from reference_server.settings import Settings
from reference_server.webhooks.dispatcher import Dispatcher, DispatchTerms
from reference_server.webhooks.sender import Answered, Posting, Sender
from scenarios.listening import Listener, address_of, bind
from tests.reference_server.engine import placed
from tests.wire.loops import LoopInThread

LEASE = LeaseTerms("broken", is_alone=True, limit_seconds=10)


class Forgetful(Idempotency):
    """Takes every request for a new one (failure catalogue J01)."""

    async def once(self, unit: Callable[[Session], Answer]) -> Answer:
        return await self._database.run(unit)


class Respelling:
    """Writes the body anew after it was signed (failure catalogue A03, from the sender's side)."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, posting: Posting) -> Answered:
        """Send other bytes of the same meaning."""
        return await self._sender.send(replace(posting, body=json.dumps(json.loads(posting.body)).encode()))

    async def close(self) -> None:
        """Close what carries."""
        await self._sender.close()


class Cache:
    """Answers in front of the server what it has answered before to whoever may not see it (failure catalogue L01)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or keep what is answered."""
        name = str(scope.get("path"))
        if scope["type"] != "http" or scope["method"] != "GET" or "/api/v1/payments/" not in name:
            await self._app(scope, receive, send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        # Never stale for whom it belongs to: waiting for a payment's end would else last for ever.
        if answer[0]["status"] == 200:
            self._kept[name] = answer
        for message in self._kept.get(name, answer) if answer[0]["status"] == 404 else answer:
            await send(message)


class MajorUnits:
    """Tells the sum of a payment above 100.00 in major units, as a text (failure catalogue B06)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respell the answers about payments."""
        is_meant = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/api/v1/payments"
        started: list[Message] = []

        async def respell(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            told = json.loads(message["body"])
            if isinstance(told.get("amount"), int) and told["amount"] > 10_000:
                told["amount"] = f"{told['amount'] / 100:.2f}"
            body = json.dumps(told).encode()
            headers = [(name, value) for name, value in started[0]["headers"] if name != b"content-length"]
            await send({**started[0], "headers": [*headers, (b"content-length", str(len(body)).encode())]})
            await send({**message, "body": body})

        await self._app(scope, receive, respell if is_meant else send)


def forgets_keys(parts: Parts) -> Server:
    """Join it with an idempotency that forgets."""
    return Server(replace(parts, idempotency=Forgetful(parts.database, parts.clock, terms=LEASE)))


def signs_other_bytes(parts: Parts) -> Server:
    """Join it with a sender that respells."""
    sender, terms = Respelling(parts.webhooks.sender), DispatchTerms(parts.network)
    dispatcher = Dispatcher(parts.database, parts.clock, activity=parts.activity, sender=sender, terms=terms)
    return Server(replace(parts, webhooks=replace(parts.webhooks, dispatcher=dispatcher)))


def _in_front(front: Callable[[ASGIApp], ASGIApp]) -> Callable[[Parts], Server]:
    def join(parts: Parts) -> Server:
        server = Server(parts)
        server.asgi = front(server.asgi)
        return server

    return join


BUGS: dict[str, Callable[[Parts], Server]] = {
    "none": Server,
    "forgets idempotency keys": forgets_keys,
    "shows one merchant's payments to another": _in_front(Cache),
    "signs other bytes than it sends": signs_other_bytes,
    "tells sums in major units": _in_front(MajorUnits),
}


@contextmanager
def served(bug: str) -> Generator[str]:
    """Serve the server with this mistake on a free port and yield its URL."""
    port, loop, stack = bind(), LoopInThread(), AsyncExitStack()
    url = f"http://{address_of(port)}"
    settings = Settings(
        public_url=url,
        database_url="sqlite://",
        control=True,
        seed=1,
        test_mode=True,
        test_processing_delay=100,
        webhook_retry_intervals_test=True,
    )

    async def begin() -> None:
        server = BUGS[bug](join_parts(placed(settings, until=stack), machine_ordinal, Peers()))
        await server.start()
        stack.push_async_callback(server.stop)
        listener = await Listener.open(server.asgi, port, protocol=server.http_protocol)
        stack.push_async_callback(listener.close)

    try:
        loop.wait_for(begin())
        yield url
    finally:
        loop.wait_for(stack.aclose())
        loop.close()
