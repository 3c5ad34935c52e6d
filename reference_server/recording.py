"""Puts every inbound request into the journal as it was read, and every answer as it was sent."""

from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_server.instruments.blanking import (
    blank_address,
    blank_card_data,
    blank_card_numbers_in,
    blank_headers,
    may_tell_of_cards,
)
from reference_server.journal import Exchange, Journal
from reference_server.journal import Message as Half


def recorded(app: ASGIApp, journal: Journal) -> ASGIApp:
    """Wrap an app; who asks is a stranger until the operation says more."""

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        target = _target_of(scope)
        request = Half(tuple(scope["headers"]))
        if may_tell_of_cards(target):
            request = Half(blank_headers(request.headers), blank=blank_card_data)
            target = blank_address(target)
        exchange = journal.begin("in", ("stranger", "server"), target=(scope["method"], target), request=request)
        wire = _Wire(journal, exchange, receive=receive, send=send)
        try:
            await app(scope, wire.receive, wire.send)
        finally:
            request.seal()
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
            if not message.get("more_body", False):
                self._exchange.request.seal()
        else:
            self._journal.end(self._exchange, "hung_up")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers, may_tell = tuple(message.get("headers", ())), may_tell_of_cards(self._exchange.url)
            # A refusal names what it refuses, and who asks may have named a member by a card number.
            blank = blank_card_numbers_in if may_tell else None
            self._exchange.answer = Half(headers, status=message["status"], blank=blank)
        elif self._exchange.answer is not None:
            self._exchange.answer.keep(message.get("body", b""))
            if not message.get("more_body", False):
                self._exchange.answer.seal()
                self._journal.end(self._exchange, "answered")
        await self._send(message)


def _target_of(scope: Scope) -> str:
    # The path as it came, still percent-encoded; not every server hands that on.
    path = bytes(scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    return f"{path}?{query}" if query else path
