"""Answers: how values become JSON, and what goes over the wire."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Answer
from tests.contracts.binding.shop import Counter, Heard, open_shop, scope_of, send_to


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Line:
    amount: Decimal
    made: datetime


class Packet(msgspec.Struct):
    colour: Colour


DHAKA = timezone(timedelta(hours=6))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("10.50"), b"10.50"),
        (Decimal("1E+3"), b"1E+3"),
        (datetime(2026, 11, 21, 6, 0, 0, tzinfo=DHAKA), b'"2026-11-21T00:00:00Z"'),
        (datetime(2026, 11, 21, 0, 0, 0, 5, tzinfo=UTC), b'"2026-11-21T00:00:00.000005Z"'),
        (date(2026, 11, 21), b'"2026-11-21"'),
        (Colour.RED, b'"red"'),
        (Line(Decimal("1.0"), datetime(2026, 1, 1, tzinfo=UTC)), b'{"amount":1.0,"made":"2026-01-01T00:00:00Z"}'),
        (Packet(Colour.RED), b'{"colour":"red"}'),
        ({"a": (1, None, True, "\u00e9")}, '{"a":[1,null,true,"é"]}'.encode()),
        ({"n": 10**30}, b'{"n":1000000000000000000000000000000}'),
        ({"n": 10**30, "d": Decimal("1.50")}, b'{"n":1000000000000000000000000000000,"d":1.50}'),
    ],
)
def test_a_value_becomes_json(value: object, text: bytes) -> None:
    assert Answer.json(201, value, (("x-a", "b"),)) == Answer(201, text, "application/json", (("x-a", "b"),))


@pytest.mark.parametrize("value", [datetime(2026, 1, 1), Decimal("NaN"), Decimal("Infinity"), object(), {"a": {1, 2}}])  # noqa: DTZ001 (the naive one is the case)
def test_a_value_without_json_form_is_a_mistake_of_ours(value: object) -> None:
    with pytest.raises(TypeError):
        Answer.json(200, value)


def test_texts_and_pages_say_their_charset() -> None:
    assert Answer.text(200, "é") == Answer(200, b"\xc3\xa9", "text/plain; charset=utf-8")
    assert Answer.html(404, "<p>", (("x-a", "b"),)) == Answer(404, b"<p>", "text/html; charset=utf-8", (("x-a", "b"),))


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("https://shop.example/a?b=c&d=%20#e", "https://shop.example/a?b=c&d=%20#e"),
        ("/a b\u00e9", "/a%20b%C3%A9"),
        ("/a\r\nset-cookie: b", "/a%0D%0Aset-cookie:%20b"),
        ("/\0", "/%00"),
    ],
)
def test_a_redirect_cannot_carry_another_header(location: str, sent: str) -> None:
    assert Answer.redirect(303, location) == Answer(303, headers=(("location", sent),))


async def answered(answer: Answer) -> Heard:
    return await send_to(open_shop(Counter(answer=answer)), scope_of("GET", "/orders/1", headers={}), b"")


async def test_an_answer_goes_out_with_its_length_and_type() -> None:
    heard = await answered(Answer.text(207, "done", (("X-A", "\u00e9"),)))
    assert heard.messages == [
        {
            "type": "http.response.start",
            "status": 207,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"4"),
                (b"x-a", b"\xe9"),
            ],
        },
        {"type": "http.response.body", "body": b"done"},
    ]


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_content_has_neither_body_nor_length(status: int) -> None:
    heard = await answered(Answer(status, b"ignored"))
    assert (heard.headers, heard.body) == ({}, b"")


@given(st.text(st.sampled_from("\r\n\0"), min_size=1), st.sampled_from(["x-a", "location"]))
async def test_a_header_with_a_line_break_never_leaves(breaks: str, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        await answered(Answer(200, headers=((name, f"a{breaks}b"),)))
