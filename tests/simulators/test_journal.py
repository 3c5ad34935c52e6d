"""The journal: a bounded ring of exchanges, worded as control.yaml asks."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

from contracts.binding import Document
from simulators.activity import Activity
from simulators.clock import Clock
from simulators.journal import (
    Actor,
    Change,
    Direction,
    Exchange,
    Journal,
    Kind,
    Outcome,
    Request,
    WireAnswer,
    body_text,
    render_exchange,
    render_instant,
)

NOW = datetime(2031, 5, 1, 6, 30, tzinfo=UTC)
CONTROL = Document.load(Path(__file__).resolve().parents[2] / "contracts" / "control.yaml")


def a_journal(capacity: int = 10) -> Journal:
    clock = Clock(Activity(), virtual_from=NOW)
    return Journal(clock, itertools.count(100).__next__, account="mine", capacity=capacity)


def an_exchange(operation: str = "ipn", subject: str | None = None) -> Exchange:
    request = Request("POST", "http://shop.test/ipn", [("host", "shop.test")], "a=1")
    told = Exchange(Direction.OUT, Kind.NOTIFICATION, operation, Actor.GATEWAY, Actor.MERCHANT, request)
    told.subject = subject
    return told


def test_an_exchange_is_worded_as_the_document_asks() -> None:
    journal = a_journal()
    exchange = journal.begin(an_exchange(subject="A-1"))
    assert CONTROL.violations_of("Exchange", render_exchange(exchange)) == ()
    exchange.changes.append(Change("gateway_order", "KEY", "PENDING", "VALID", "paid"))
    exchange.add_note("first")
    exchange.add_note("second")
    journal.end(exchange, Outcome.ANSWERED, answer=WireAnswer(200, [], "ok"))
    told = render_exchange(exchange)
    assert CONTROL.violations_of("Exchange", told) == ()
    assert (told["order"], told["ended_order"], told["note"]) == (100, 101, "first; second")
    assert told["at"] == "2031-05-01T06:30:00.000000Z"


def test_an_order_id_as_long_as_a_body_counts_as_text_too() -> None:
    journal = Journal(Clock(Activity(), virtual_from=NOW), itertools.count().__next__, account="mine", text_max=150_000)
    for _ in range(5):
        journal.begin(an_exchange(subject="T" * 60_000))
    assert (len(list(journal.read())), journal.dropped) == (2, 3)


def test_the_oldest_leave_when_the_ring_is_full_and_are_counted() -> None:
    journal = a_journal(capacity=3)
    for _ in range(5):
        journal.begin(an_exchange())
    assert ([one.id for one in journal.read()], journal.dropped) == ([3, 4, 5], 2)


def test_reading_is_narrowed_by_id_operation_and_order() -> None:
    journal = a_journal()
    for operation, subject in (("ipn", "A"), ("ipn", "B"), ("provision", "A")):
        journal.begin(an_exchange(operation, subject))
    assert [one.id for one in journal.read(after=1)] == [2, 3]
    assert [one.id for one in journal.read(operation="ipn")] == [1, 2]
    assert [one.id for one in journal.read(subject="A")] == [1, 3]


def test_ids_go_on_after_a_clearing() -> None:
    journal = a_journal()
    journal.begin(an_exchange())
    journal.clear()
    news = journal.news
    assert journal.begin(an_exchange()).id == 2
    assert news.is_set()
    assert not journal.news.is_set()


def test_a_place_that_an_exchange_has_already_is_kept() -> None:
    exchange = an_exchange()
    exchange.order = 7
    assert a_journal().begin(exchange).order == 7


def test_no_byte_of_a_body_is_lost_below_the_cut() -> None:
    assert body_text(b"caf\xc3\xa9 \xff") == "café \\xff"
    assert len(body_text(b"a" * 20_000)) == 16 * 1024
    assert render_instant(None) is None


def test_the_oldest_leave_when_their_text_is_too_long_and_the_newest_stays() -> None:
    clock = Clock(Activity(), virtual_from=NOW)
    journal = Journal(clock, itertools.count(100).__next__, account="mine", text_max=1_000)
    first, second = journal.begin(an_exchange()), journal.begin(an_exchange())
    journal.end(second, Outcome.ANSWERED, answer=WireAnswer(200, [], "x" * 2_000))
    assert ([one.id for one in journal.read()], journal.dropped) == ([2], 1)
    journal.end(first, Outcome.ANSWERED, answer=WireAnswer(200, [], "x" * 2_000))
    journal.begin(an_exchange())
    assert ([one.id for one in journal.read()], journal.dropped) == ([3], 2)
