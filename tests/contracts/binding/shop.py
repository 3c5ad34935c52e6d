"""Calls the shop of `shop.yaml` through the kit, by plain ASGI: what the tests of this folder share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contracts.binding import Answer, ASGIApp, Call, Document, Handler, Limits, NoAnswer, Refusal, bind
from contracts.binding.asgi import Message, Scope

SHOP = Document.load(Path(__file__).parent / "shop.yaml")
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class Counter:
    """What reached a handler and what was refused."""

    calls: list[Call] = field(default_factory=list[Call])
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    answer: Answer | NoAnswer = field(default_factory=lambda: Answer.text(200, "done"))

    async def serve(self, call: Call) -> Answer | NoAnswer:
        self.calls.append(call)
        return self.answer

    def refuse(self, refusal: Refusal) -> Answer:
        self.refusals.append(refusal)
        return Answer(400, b'{"title":"refused"}', "application/problem+json")

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call

    @property
    def refusal(self) -> Refusal:
        (refusal,) = self.refusals
        return refusal

    @property
    def broken(self) -> list[tuple[str, str, str]]:
        """Place, pointer and rule of each violation of the one refusal."""
        return [(found.place.value, found.pointer, found.rule) for found in self.refusal.violations]


def handlers_of(document: Document, handler: Handler) -> dict[str, Handler]:
    return {operation.operation_id: handler for operation in document.operations}


def open_shop(counter: Counter, *, limits: Limits | None = None, check_answers: bool = False) -> ASGIApp:
    handlers = handlers_of(SHOP, counter.serve)
    return bind(SHOP, handlers, refuse=counter.refuse, limits=limits or Limits(), check_answers=check_answers)


@dataclass(slots=True)
class Heard:
    """What an application sent; `asked` is how often it wanted to receive."""

    messages: list[Message] = field(default_factory=list[Message])
    asked: int = 0

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return self.messages[1]["body"]


def scope_of(method: str, target: str, *, headers: Mapping[str, str]) -> Scope:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("10.0.0.1", 4711),
    }


async def send_to(app: ASGIApp, scope: Scope, *chunks: bytes) -> Heard:
    """Send one request whose body comes in `chunks`; a sender that has no more to say has gone."""
    heard = Heard()
    last = len(chunks) - 1
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": index < last} for index, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        heard.asked += 1
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        heard.messages.append(message)

    await app(scope, receive, send)
    return heard


async def ask(target: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None) -> Counter:
    """Ask the shop `METHOD /path?query` and say what became of it."""
    counter = Counter()
    method, _, path = target.partition(" ")
    await send_to(open_shop(counter), scope_of(method, path, headers=headers or {}), body)
    return counter


async def order(body: bytes | dict[str, Any], *, headers: Mapping[str, str] | None = None) -> Counter:
    """Post an order as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await ask("POST /orders", raw, headers=headers or JSON)
