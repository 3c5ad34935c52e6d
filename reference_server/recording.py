"""Puts every inbound request into the journal as it was read, and every answer as it was sent."""

from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.journal import Exchange, Journal
from reference_server.journal import Message as Half


def recorded(app: ASGIApp, journal: Journal) -> ASGIApp:
    """Wrap an app; who asks is a stranger until the operation says more."""

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request = Half(tuple(scope["headers"]))
        target = (scope["method"], _target_of(scope))
        exchange = journal.begin("in", ("stranger", "server"), target=target, request=request)
        wire = _Wire(journal, exchange, receive=receive, send=send)
        try:
            await app(scope, wire.receive, wire.send)
        finally:
            journal.end(exchange, "reset")

    return recording


class _Wire:
    def __init__(self, journal: Journal, exchange: Exchange, *, receive: Receive, send: Send) -> None:
        self._journal = journal
        self._exchange = exchange
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._exchange.request.keep(message.get("body", b""))
        else:
            self._journal.end(self._exchange, "hung_up")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._exchange.answer = Half(tuple(message.get("headers", ())), status=message["status"])
        elif self._exchange.answer is not None:
            self._exchange.answer.keep(message.get("body", b""))
            if not message.get("more_body", False):
                self._journal.end(self._exchange, "answered")
        await self._send(message)


def _target_of(scope: Scope) -> str:
    # The path as it came, still percent-encoded; not every server hands that on.
    path = bytes(scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    return f"{path}?{query}" if query else path
