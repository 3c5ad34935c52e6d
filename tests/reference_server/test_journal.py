"""The journal: what is kept of an exchange, what is blanked, and what the ring lets go."""

import asyncio
from contextvars import Context
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from reference_server import journal as seam
from reference_server.activity import Activity
from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.journal import BODY_BYTES_MAX, Exchange, Journal, Message, Selection
from reference_server.recording import recorded

AT = datetime(2030, 1, 1, tzinfo=UTC)


def a_journal(capacity: int = 100) -> Journal:
    ordinal = count(1)
    return Journal(Clock(Activity(), virtual_from=AT), lambda: next(ordinal), capacity=capacity)


def begun(journal: Journal, direction: str = "in", url: str = "/x", body: bytes = b"") -> Exchange:
    request = Message([(b"X-Api-Secret", b"sec"), (b"Host", b"server.test")])
    request.keep(body)
    return journal.begin(direction, ("stranger", "server"), target=("POST", url), request=request)


def test_secret_headers_and_queries_are_blanked_and_the_rest_is_as_it_was() -> None:
    journal = a_journal()
    begun(journal, url="http://g/v?val_id=1&store_passwd=qwerty&store_id=a")
    told: Any = journal.read()[0]
    assert told["request"]["url"] == "http://g/v?val_id=1&store_passwd=***&store_id=a"
    assert told["request"]["headers"] == [["x-api-secret", "***"], ["host", "server.test"]]


def test_a_known_secret_is_blanked_in_every_part_of_an_exchange() -> None:
    journal = a_journal()
    exchange = begun(journal, url="/x/s3cr%40t", body=b"x" * (BODY_BYTES_MAX - 5) + b"s3cr@t")
    exchange.request.headers = [(b"referer", b"http://a.test/?p=s3cr%40t")]
    exchange.answer, exchange.note = Message([(b"x-was", b"s3cr@t")], bytearray(b'["s3cr@t"]'), 200), "not s3cr@t"
    journal.redaction.hide(["s3cr@t"])
    told = str(journal.read())
    assert (told.count("***"), "s3cr" in told) == (6, False)


def test_of_a_long_body_the_beginning_is_kept() -> None:
    message = Message([])
    for _ in range(3):
        message.keep(b"x" * 10_000)
    assert len(message.body) == BODY_BYTES_MAX


def test_the_first_end_stands_and_both_ends_have_their_place_in_the_run() -> None:
    journal = a_journal()
    first, second = begun(journal), begun(journal)
    journal.end(second, "answered")
    journal.end(first, "hung_up")
    journal.end(first, "answered")
    told = journal.read()
    assert [(it["order"], it["ended_order"], it["outcome"]) for it in told] == [
        (1, 4, "hung_up"), (2, 3, "answered"),
    ]  # fmt: skip


def test_the_ring_is_bounded_and_says_what_it_let_go() -> None:
    journal = a_journal(capacity=3)
    for _ in range(5):
        begun(journal)
    assert ([it["id"] for it in journal.read()], journal.dropped) == ([3, 4, 5], 2)
    journal.clear()
    assert (journal.read(), journal.dropped) == ([], 0)
    begun(journal)
    assert ([it["id"] for it in journal.read()], journal.dropped) == ([6], 0)


def test_clearing_one_account_leaves_the_others_and_what_was_let_go() -> None:
    journal = a_journal(capacity=3)
    for account in "abab":
        begun(journal).account = account
    journal.clear("a")
    assert ([it["id"] for it in journal.read()], journal.dropped) == ([2, 4], 1)


def test_exchanges_are_selected_by_what_is_known_of_them() -> None:
    journal = a_journal()
    for operation, subject, account in (("ipn", "GW1", "a"), ("ipn", "GW2", "b"), ("readStatus", "GW1", "a")):
        exchange = begun(journal)
        exchange.operation, exchange.subject, exchange.account = operation, subject, account
    assert [it["id"] for it in journal.read(Selection(operation="ipn"))] == [1, 2]
    assert [it["id"] for it in journal.read(Selection(order="GW1", after=1))] == [3]
    assert [it["id"] for it in journal.read(Selection(account="a", limit=1))] == [1]


async def test_what_an_activity_learns_is_noted_on_its_inbound_exchange() -> None:
    journal = a_journal()
    begun(journal)
    begun(journal, "out")
    seam.annotate(note="why", forged=True, subject="GW1", account="a")
    seam.annotate(subject="")
    seam.annotate_changes([Change("payment", "GW1", "PENDING", "CAPTURED", "captured", "confirmed")])
    inbound, outbound = journal.read()
    assert (inbound["note"], inbound["forged"], inbound["subject"], inbound["account"]) == ("why", True, "GW1", "a")
    assert inbound["changes"] == [
        {"resource": "payment", "id": "GW1", "before": "PENDING", "after": "CAPTURED", "cause": "confirmed"}
    ]
    assert (outbound["note"], outbound["changes"]) == ("", [])


async def test_without_an_inbound_exchange_the_latest_outgoing_one_is_noted_on() -> None:
    journal = a_journal()

    async def job() -> None:
        seam.annotate(note="nothing to note on")
        seam.annotate_changes([])
        begun(journal, "out")
        begun(journal, "out")
        seam.annotate(note="here")

    await asyncio.create_task(job(), context=Context())
    assert [it["note"] for it in journal.read()] == ["", "here"]


async def test_a_follower_is_told_at_once_when_something_ends() -> None:
    journal = a_journal()
    following = asyncio.create_task(journal.wait_for_newer(0, seconds=20))
    await asyncio.sleep(0)
    journal.end(begun(journal), "answered")
    for _ in range(5):
        await asyncio.sleep(0)
    assert following.done()
    for after, seconds in ((0, 20), (1, 0)):
        # Not even a turn of the loop is waited for what is there, or for no time at all.
        waiting = journal.wait_for_newer(after, seconds=seconds)
        with pytest.raises(StopIteration):
            waiting.send(None)


SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/payment/é",
    "raw_path": b"/payment/%C3%A9",
    "query_string": b"a=1",
    "headers": [(b"host", b"server.test")],
}


async def record(journal: Journal, app: Any, *messages: dict[str, Any], scope: Any = None) -> list[Any]:
    left, sent = list(messages), list[Any]()

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await recorded(app, journal)(scope or SCOPE, receive, send)
    return sent


async def test_a_request_is_kept_as_read_and_its_answer_as_sent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"rec", "more_body": True})
        await send({"type": "http.response.body", "body": b"orded"})

    journal = a_journal()
    body = [{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request", "body": b"b"}]
    assert len(await record(journal, app, *body)) == 3
    told: Any = journal.read()[0]
    assert (told["request"]["url"], told["request"]["body"]) == ("/payment/%C3%A9?a=1", "ab")
    assert (told["answer"]["status"], told["answer"]["body"], told["outcome"]) == (200, "recorded", "answered")


async def test_a_peer_that_hung_up_and_an_app_that_broke_are_told_apart() -> None:
    async def leaving(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.body", "body": b"into the void"})

    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    journal = a_journal()
    await record(journal, leaving, {"type": "http.disconnect"})
    with pytest.raises(ZeroDivisionError):
        await record(journal, breaking, scope={**SCOPE, "raw_path": b"", "query_string": b""})
    told: Any = journal.read()
    assert [it["outcome"] for it in told] == ["hung_up", "reset"]
    assert told[1]["request"]["url"] == "/payment/%C3%A9"


async def test_what_is_no_request_is_not_recorded() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing."""

    journal = a_journal()
    await record(journal, app, scope={"type": "lifespan"})
    assert journal.read() == []
