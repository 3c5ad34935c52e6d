"""Taking a request off the wire: bounds on its size, senders that leave, what a call knows of its transport."""

from decimal import Decimal
from typing import Any

import pytest

from contracts.binding import Limits, RefusalKind
from contracts.binding.asgi import Message
from tests.contracts.binding.shop import JSON, Counter, open_shop, scope_of, send_to

SMALL = Limits(body_bytes=30)
ORDER = b'{"amount":1,"items":[]}'


async def test_a_declared_length_past_the_limit_is_refused_before_anything_is_read() -> None:
    counter = Counter()
    scope = scope_of("POST", "/orders", headers=JSON | {"content-length": "20000000"})
    heard = await send_to(open_shop(counter), scope, b"x")
    assert counter.refusal.kind is RefusalKind.TOO_LARGE
    assert counter.broken == [("body", "", "content-length")]
    assert (heard.asked, heard.headers["connection"]) == (0, "close")


async def test_a_body_without_declared_length_is_refused_while_it_is_read() -> None:
    counter = Counter()
    scope = scope_of("POST", "/orders", headers=JSON)
    heard = await send_to(open_shop(counter, limits=SMALL), scope, *[b" " * 10] * 100)
    assert counter.refusal.kind is RefusalKind.TOO_LARGE
    assert (heard.asked, heard.headers["connection"]) == (4, "close")
    assert counter.refusal.call
    assert counter.refusal.call.raw_body == b""


@pytest.mark.parametrize("chunks", [[ORDER], [ORDER[:3], ORDER[3:]], [b"", ORDER[:9], b"", ORDER[9:], b""]])
async def test_a_body_may_come_in_any_number_of_pieces(chunks: list[bytes]) -> None:
    counter = Counter()
    heard = await send_to(open_shop(counter, limits=SMALL), scope_of("POST", "/orders", headers=JSON), *chunks)
    assert counter.call.body == {"amount": Decimal(1), "items": []}
    assert "connection" not in heard.headers


@pytest.mark.parametrize(("length", "kind"), [("30", None), ("31", RefusalKind.TOO_LARGE)])
async def test_the_limit_itself_is_allowed(length: str, kind: RefusalKind | None) -> None:
    counter = Counter()
    scope = scope_of("POST", "/orders", headers=JSON | {"content-length": length})
    await send_to(open_shop(counter, limits=SMALL), scope, ORDER.ljust(int(length)))
    assert [refusal.kind for refusal in counter.refusals] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/json", None),
        ("application/x-www-form-urlencoded", RefusalKind.TOO_LARGE),
        ("text/plain", RefusalKind.TOO_LARGE),
    ],
)
async def test_only_json_may_be_longer_than_other_bodies(media_type: str, kind: RefusalKind | None) -> None:
    counter = Counter()
    scope = scope_of("POST", "/orders", headers={"content-type": media_type})
    await send_to(open_shop(counter, limits=Limits(body_bytes=30, other_bytes=29)), scope, ORDER.ljust(30))
    assert [refusal.kind for refusal in counter.refusals] == ([kind] if kind else [])


@pytest.mark.parametrize("length", ["-1", "1e9", "", "0x10", "\u00b2"])
async def test_a_length_that_is_no_number_is_malformed(length: str) -> None:
    counter = Counter()
    await send_to(open_shop(counter), scope_of("POST", "/orders", headers=JSON | {"content-length": length}), ORDER)
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.MALFORMED, [("body", "", "content-length")])


async def test_an_endless_length_is_too_large() -> None:
    counter = Counter()
    await send_to(open_shop(counter), scope_of("POST", "/orders", headers=JSON | {"content-length": "9" * 9000}), ORDER)
    assert counter.refusal.kind is RefusalKind.TOO_LARGE


@pytest.mark.parametrize("chunks", [[], [b"{"]])
async def test_a_sender_that_leaves_in_the_middle_is_not_answered(chunks: list[bytes]) -> None:
    counter = Counter()
    waiting: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await open_shop(counter)(scope_of("POST", "/orders", headers=JSON), receive, send)
    assert (counter.calls, counter.refusals, sent) == ([], [], [])


async def test_a_call_knows_how_it_came() -> None:
    counter = Counter()
    scope = scope_of("GET", "/orders/a%2Fb?x=%20", headers={"host": "shop.example:8443", "content-type": "text/plain"})
    marks = {"gatewright.transport": object()}
    scope["extensions"] = marks
    await send_to(open_shop(counter), scope, b"")
    call = counter.call
    assert (call.raw_path, call.raw_query, call.host, call.scheme) == (
        "/orders/a%2Fb", b"x=%20", "shop.example:8443", "https",
    )  # fmt: skip
    assert (call.client, call.media_type, call.extensions) == (("10.0.0.1", 4711), "text/plain", marks)
    assert call.raw_headers == ((b"host", b"shop.example:8443"), (b"content-type", b"text/plain"))
    assert (await call.receive())["type"] == "http.disconnect"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"raw_path": None, "path": "/orders/a b"}, "a b"),
        ({"raw_path": None, "path": "/orders/100%"}, "100%"),
        ({"root_path": "/shop", "raw_path": b"/shop/orders/1"}, "1"),
        ({"root_path": "/shop", "raw_path": b"/orders/1"}, "1"),
    ],
)
async def test_a_path_is_found_whatever_the_server_says_of_it(changes: dict[str, Any], found: str) -> None:
    counter = Counter()
    scope = scope_of("GET", "/", headers={})
    scope.update(changes)
    await send_to(open_shop(counter), scope, b"")
    assert counter.call.path == {"order": found}


async def test_a_scope_of_the_least_that_asgi_asks_for_is_enough() -> None:
    counter = Counter()
    await send_to(open_shop(counter), {"type": "http", "method": "GET", "path": "/orders/1", "headers": []}, b"")
    call = counter.call
    assert (call.client, call.scheme, call.host, call.media_type) == (None, "http", "", None)
    assert (call.raw_query, call.extensions) == (b"", {})
