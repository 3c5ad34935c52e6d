"""A small side with a document of its own, right by default and wrong by name: what the suites must find."""

from collections.abc import Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from contracts.binding import Answer, Call, Document, Refusal, RefusalKind, bind
from scenarios.listening import Listener, address_of
from scenarios.listening import bind as take_port
from tests.wire.loops import LoopInThread

KEY = "key_counter"
PROBLEM = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
THING = {
    "type": "object",
    "required": ["id", "amount"],
    "properties": {"id": {"type": "string"}, "amount": {"type": "integer"}},
}
NEW_THING = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {"amount": {"type": "integer", "minimum": 1, "maximum": 10_000}},
}


def told(description: str, schema: Mapping[str, object]) -> dict[str, object]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


REFUSALS = {status: told("A refusal", PROBLEM) for status in ("400", "401", "404", "405", "413", "415")}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "A counter", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "operationId": "makeThing",
                "security": [{"key": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW_THING}}},
                "responses": {"201": told("Made", THING), **REFUSALS},
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "readThing",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": told("There it is", THING), **REFUSALS},
            }
        },
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
}
STATUSES = {
    RefusalKind.NOT_FOUND: 404,
    RefusalKind.METHOD_NOT_ALLOWED: 405,
    RefusalKind.UNSUPPORTED_MEDIA_TYPE: 415,
}


@dataclass(slots=True)
class Counter:
    """Makes things and keeps a journal of what each call changed; `bug` is what it does wrong.

    `invalid` is its status for a request that breaks the document.
    """

    bug: str = ""
    invalid: int = 400
    things: list[int] = field(default_factory=list[int])
    journal: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def make_thing(self, call: Call) -> Answer:
        shown = dict(call.raw_headers).get(b"x-key", b"").decode("latin-1")
        if shown != KEY and self.bug != "no door":
            return self._refuse(call, 401)
        amount = int(call.body["amount"])
        if self.bug == "raises above 5000" and amount > 5_000:
            return Answer.json(500, {"error": "we are sorry"})
        self.things.append(amount)
        wrong = self.bug == "text above 5000" and amount > 5_000
        return Answer.json(201, {"id": str(len(self.things)), "amount": str(amount) if wrong else amount})

    async def read_thing(self, call: Call) -> Answer:
        number = str(call.path["id"])
        if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= len(self.things)):
            return self._refuse(call, 410 if self.bug == "a status of its own" else 404)
        return Answer.json(200, {"id": number, "amount": self.things[int(number) - 1]})

    async def read_journal(self, call: Call) -> Answer:
        after = int(call.query.get("after", 0))
        return Answer.json(200, {"exchanges": [one for one in self.journal if one["id"] > after]})

    def refuse(self, refusal: Refusal) -> Answer:
        status = STATUSES.get(refusal.kind, self.invalid)
        return self._refuse(refusal.call, status) if refusal.call else Answer.json(status, {"error": "no"})

    def _refuse(self, call: Call, status: int) -> Answer:
        change = {"resource": "thing", "id": "1", "before": "", "after": "MADE"}
        self.journal.append(
            {
                "id": len(self.journal) + 1,
                "direction": "in",
                "request": {"method": call.operation.method.upper(), "url": call.raw_path},
                "answer": {"status": status, "body": ""},
                "changes": [change] if self.bug == "refuses and makes it all the same" else [],
            }
        )
        return Answer.json(status, {"error": "no"})


def everything() -> dict[str, Any]:
    """Return the document with the journal, which is no part of what is judged."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("after", "limit")]
    journal = {"operationId": "readJournal", "parameters": parameters, "responses": {"200": {"description": "So far"}}}
    return {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/_control/journal": {"get": journal}}}


@contextmanager
def served(counter: Counter) -> Generator[str]:
    """Serve it on a free port and yield its URL."""
    handlers = {
        "makeThing": counter.make_thing,
        "readThing": counter.read_thing,
        "readJournal": counter.read_journal,
    }
    app = bind(Document.from_mapping(everything(), name="counter"), handlers, refuse=counter.refuse)
    port, loop, stack = take_port(), LoopInThread(), AsyncExitStack()

    async def listen() -> None:
        stack.push_async_callback((await Listener.open(app, port)).close)

    try:
        loop.wait_for(listen())
        yield f"http://{address_of(port)}"
    finally:
        loop.wait_for(stack.aclose())
        loop.close()
