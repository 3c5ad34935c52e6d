"""Measures the binding kit against a bare Starlette handler: `python -m loadtests.bench.binding [--rounds N]`.

Both answer the same POST by direct ASGI calls, in turns; only the kit validates. Results are kept in README.md.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.binding import Answer, ASGIApp, Call, Document, Refusal, bind

Message = MutableMapping[str, Any]

_ORDER = {
    "order_id": "ord_01JDZ6N8Q4TS",
    "amount": 125050,
    "currency": "BDT",
    "customer": {"name": "Ayesha Rahman", "email": "ayesha@example.com", "phone": "+8801711111111"},
    "items": [{"sku": "TEA-250", "quantity": 2, "price": 45025}, {"sku": "CUP", "quantity": 1, "price": 35000}],
    "return_url": "https://shop.example/return",
}
_BODY = orjson.dumps(_ORDER)
_RECEIPT = {
    "id": "pay_01JDZ6N8Q4TSZ3VJ7R5C9X2B1M",
    "state": "PENDING",
    "checkout_url": "https://sandbox.example/checkout/01JDZ6N8Q4TSZ3VJ7R5C9X2B1M",
    "created_at": "2026-11-21T02:00:00Z",
    "expires_at": "2026-11-21T02:30:00Z",
    "gateway": {"name": "sandbox", "account": "acc_primary", "order": "gwo_01JDZ6N8Q4TSZ3VJ7R5C9X2B1M"},
    "description": "Two packs of tea and a cup",
    "links": {"self": "/api/v1/payments/pay_01JDZ6N8Q4TSZ3VJ7R5C9X2B1M", "refunds": "/api/v1/refunds?payment=pay_01"},
}

_TEXT = {"type": "string", "minLength": 1, "maxLength": 80}
_AMOUNT = {"type": "integer", "minimum": 1}
_ITEM = {
    "type": "object",
    "required": ["sku", "quantity", "price"],
    "additionalProperties": False,
    "properties": {"sku": _TEXT, "quantity": _AMOUNT, "price": _AMOUNT},
}
_CUSTOMER = {
    "type": "object",
    "required": ["name", "email"],
    "properties": {"name": _TEXT, "email": {"type": "string", "format": "email"}, "phone": _TEXT},
}
_ORDER_SCHEMA = {
    "type": "object",
    "required": ["order_id", "amount", "currency", "items"],
    "additionalProperties": False,
    "properties": {
        "order_id": _TEXT,
        "amount": _AMOUNT,
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "customer": {"$ref": "#/components/schemas/Customer"},
        "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"$ref": "#/components/schemas/Item"}},
        "return_url": {"type": "string", "format": "uri"},
    },
}
_DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Bench", "version": "1"},
    "paths": {
        "/api/v1/payments": {
            "post": {
                "operationId": "createPayment",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ORDER_SCHEMA}}},
                "responses": {"201": {"description": "created"}},
            }
        }
    },
    "components": {"schemas": {"Customer": _CUSTOMER, "Item": _ITEM}},
}


async def _starlette_handler(request: Request) -> Response:
    order = orjson.loads(await request.body())
    return Response(orjson.dumps(_receipt(order)), status_code=201, media_type="application/json")


async def _kit_handler(call: Call) -> Answer:
    return Answer.json(201, _receipt(call.body))


def _receipt(order: dict[str, Any]) -> dict[str, Any]:
    return {**_RECEIPT, "amount": order["amount"], "currency": order["currency"], "items": order["items"]}


def _refuse(refusal: Refusal) -> Answer:
    raise AssertionError(refusal)


def starlette_app() -> ASGIApp:
    return Starlette(routes=[Route("/api/v1/payments", _starlette_handler, methods=["POST"])])


def starlette_route() -> ASGIApp:
    """The route alone, without Starlette's error middleware: what no one deploys, as a lower bound."""
    return Route("/api/v1/payments", _starlette_handler, methods=["POST"]).handle


def kit_app() -> ASGIApp:
    document = Document.from_mapping(_DOCUMENT, name="bench")
    return bind(document, {"createPayment": _kit_handler}, refuse=_refuse)


def _scope() -> dict[str, Any]:
    """What uvicorn hands over, with the headers of an ordinary client."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/payments",
        "raw_path": b"/api/v1/payments",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"accept", b"*/*"),
            (b"accept-encoding", b"gzip, deflate"),
            (b"connection", b"keep-alive"),
            (b"user-agent", b"bench/1"),
            (b"content-length", b"%d" % len(_BODY)),
            (b"content-type", b"application/json"),
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


@dataclass(slots=True)
class _Peer:
    """The other end: gives one request, counts what comes back."""

    answered: int = 0

    async def receive(self) -> Message:
        return {"type": "http.request", "body": _BODY, "more_body": False}

    async def send(self, message: Message) -> None:
        self.answered += len(message.get("body", b""))


async def _seconds(app: ASGIApp, calls: int) -> float:
    peer = _Peer()
    started = time.perf_counter()
    for _ in range(calls):
        await app(_scope(), peer.receive, peer.send)
    elapsed = time.perf_counter() - started
    if peer.answered < 500 * calls:
        raise AssertionError("the answers are shorter than expected: something failed")
    return elapsed / calls


async def _measure(rounds: int, calls: int) -> dict[str, list[float]]:
    apps = {"starlette": starlette_app(), "route": starlette_route(), "kit": kit_app()}
    seconds: dict[str, list[float]] = {name: [] for name in apps}
    for round_number in range(rounds + 1):
        for name, app in apps.items():
            elapsed = await _seconds(app, calls)
            # The first round warms caches up.
            if round_number:
                seconds[name].append(elapsed)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=2000)
    options = parser.parse_args()
    seconds = asyncio.run(_measure(options.rounds, options.calls))
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    print(f"request {len(_BODY)} bytes, answer {len(orjson.dumps(_receipt(_ORDER)))} bytes")
    for name, median in medians.items():
        print(f"{name:10} {median * 1e6:7.2f} us a request (median of {options.rounds} rounds)")
    print(f"kit / starlette       {medians['kit'] / medians['starlette']:.3f}")
    print(f"kit / starlette route {medians['kit'] / medians['route']:.3f}")


if __name__ == "__main__":
    main()
