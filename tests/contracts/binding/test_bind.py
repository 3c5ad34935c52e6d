"""Joining a document to handlers, and what the application does around them."""

from collections.abc import Awaitable, Callable

import pytest

from contracts.binding import (
    Answer,
    ASGIApp,
    BindingError,
    Call,
    Document,
    DocumentError,
    NoAnswer,
    RefusalKind,
    bind,
)
from contracts.binding.asgi import Message
from tests.contracts.binding.shop import JSON, SHOP, Counter, handlers_of, open_shop, scope_of, send_to

GOOD = b'{"amount":1,"items":[]}'


def test_an_operation_without_handler_and_a_handler_without_operation_stop_the_binding() -> None:
    counter = Counter()
    handlers = handlers_of(SHOP, counter.serve)
    del handlers["pay"], handlers["listOrders"]
    handlers |= {"refund": counter.serve, "charge": counter.serve}
    with pytest.raises(BindingError) as raised:
        bind(SHOP, handlers, refuse=counter.refuse)
    assert (raised.value.unhandled, raised.value.unknown) == (("listOrders", "pay"), ("charge", "refund"))
    for name in ("listOrders", "pay", "charge", "refund", "shop.yaml"):
        assert name in str(raised.value)


@pytest.mark.parametrize(("extra", "missing"), [("refund", ""), ("", "pay")])
def test_either_side_alone_stops_the_binding(extra: str, missing: str) -> None:
    handlers = handlers_of(SHOP, Counter().serve) | ({extra: Counter().serve} if extra else {})
    handlers.pop(missing, None)
    with pytest.raises(BindingError, match=extra or missing):
        bind(SHOP, handlers, refuse=Counter().refuse)


async def test_a_document_can_be_bound_in_part() -> None:
    counter = Counter()
    part = SHOP.only(lambda operation: operation.extensions.get("x-sides") == ["server"])
    app = bind(part, {"createOrder": counter.serve}, refuse=counter.refuse)
    await send_to(app, scope_of("POST", "/orders", headers=JSON), GOOD)
    assert counter.call.operation.tags == ("orders",)
    await send_to(app, scope_of("PUT", "/orders", headers={}), b"")
    await send_to(app, scope_of("POST", "/pay", headers={}), b"")
    assert [refusal.allowed for refusal in counter.refusals] == [("POST",), ()]


def test_two_templates_for_the_same_paths_stop_the_binding() -> None:
    paths = {path: {"get": {"operationId": path}} for path in ("/a/{b}", "/a/{c}")}
    document = Document.from_mapping({"openapi": "3.1.0", "paths": paths}, name="twins")
    with pytest.raises(DocumentError, match="the same paths"):
        bind(document, handlers_of(document, Counter().serve), refuse=Counter().refuse)


async def test_a_handler_that_dealt_with_the_transport_itself_is_left_alone() -> None:
    counter = Counter(answer=NoAnswer())
    heard = await send_to(open_shop(counter, check_answers=True), scope_of("GET", "/orders/1", headers={}), b"")
    assert (len(counter.calls), heard.messages) == (1, [])


class Wrapping:
    """An `around` that notes what passes through it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, call: Call, proceed: Callable[[], Awaitable[Answer | NoAnswer]]) -> Answer | NoAnswer:
        self.seen.append(call.operation.operation_id)
        answer = await proceed()
        self.seen.append(type(answer).__name__)
        return Answer(299)

    def app(self, counter: Counter) -> ASGIApp:
        return bind(SHOP, handlers_of(SHOP, counter.serve), refuse=counter.refuse, around=self)


@pytest.mark.parametrize(("body", "calls", "refusals"), [(GOOD, 1, 0), (b"{}", 0, 1)])
async def test_around_wraps_each_call_that_could_be_read(body: bytes, calls: int, refusals: int) -> None:
    counter, wrapping = Counter(), Wrapping()
    heard = await send_to(wrapping.app(counter), scope_of("POST", "/orders", headers=JSON), body)
    assert (len(counter.calls), len(counter.refusals)) == (calls, refusals)
    assert (wrapping.seen, heard.status) == (["createOrder", "Answer"], 299)


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        ("POST", "/orders", RefusalKind.MALFORMED),
        ("POST", "/note", RefusalKind.UNSUPPORTED_MEDIA_TYPE),
        ("PATCH", "/orders", RefusalKind.METHOD_NOT_ALLOWED),
        ("GET", "/nowhere", RefusalKind.NOT_FOUND),
    ],
)
async def test_around_is_not_asked_about_what_could_not_be_read(method: str, target: str, kind: RefusalKind) -> None:
    counter, wrapping = Counter(), Wrapping()
    heard = await send_to(wrapping.app(counter), scope_of(method, target, headers=JSON), b"{")
    assert (counter.refusal.kind, wrapping.seen, heard.status) == (kind, [], 400)


async def test_the_error_of_a_handler_is_nobodys_but_its_own() -> None:
    async def fail(call: Call) -> Answer:
        raise LookupError(call.operation.operation_id)

    app = bind(SHOP, handlers_of(SHOP, fail), refuse=Counter().refuse)
    with pytest.raises(LookupError, match="readOrder"):
        await send_to(app, scope_of("GET", "/orders/1", headers={}), b"")


async def converse(scope_type: str, *heard: str) -> list[Message]:
    """What the application says to messages of these types."""
    waiting: list[Message] = [{"type": kind} for kind in heard]
    said: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        said.append(message)

    await open_shop(Counter())({"type": scope_type}, receive, send)
    return said


async def test_a_lifespan_is_accepted() -> None:
    said = await converse("lifespan", "lifespan.startup", "lifespan.shutdown")
    assert [message["type"] for message in said] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_websocket_is_closed() -> None:
    assert await converse("websocket", "websocket.connect") == [{"type": "websocket.close", "code": 1000}]
