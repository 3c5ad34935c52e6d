"""JSON bodies: what is read, what is refused, and that neither takes unbounded work."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Limits, RefusalKind
from contracts.binding.json_body import read_json
from contracts.binding.unreadable import Findings, Unreadable
from tests.contracts.binding.shop import JSON, ask, order

GOOD: dict[str, object] = {"amount": 10, "items": []}


def metadata(text: str) -> bytes:
    return f'{{"amount":1,"items":[],"metadata":{{{text}}}}}'.encode()


async def test_numbers_keep_their_digits() -> None:
    counter = await order(b'{"amount":10.50,"items":[{"amount":1.0}],"metadata":{"e":1e2,"i":7,"n":-0.0}}')
    body = counter.call.body
    assert (str(body["amount"]), body["items"]) == ("10.50", [{"amount": Decimal("1.0")}])
    assert [str(body["metadata"][key]) for key in "ein"] == ["1E+2", "7", "-0.0"]


async def test_the_bytes_of_a_body_stay_as_they_came() -> None:
    raw = b' {"amount": 1.00, "items" : [] } '
    assert (await order(raw)).call.raw_body == raw


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({}, [("/amount", "required"), ("/items", "required")]),
        (GOOD | {"amount": "10"}, [("/amount", "type")]),
        (GOOD | {"amount": True}, [("/amount", "type")]),
        (GOOD | {"items": [{"amount": 1}, {}]}, [("/items/1/amount", "required")]),
        (
            GOOD | {"items": [{"amount": 1.5, "a/b~c": "x"}]},
            [("/items/0/amount", "type"), ("/items/0/a~1b~0c", "type")],
        ),
        (GOOD | {"a/b": 1, "c": 2}, [("/a~1b", "additionalProperties"), ("/c", "additionalProperties")]),
        (GOOD | {"id": "7"}, [("/id", "format")]),
        (GOOD | {"email": "at"}, [("/email", "format")]),
        (GOOD | {"made": "2026-13-01T00:00:00Z"}, [("/made", "format")]),
        (GOOD | {"parent": {"amount": 1}}, [("/parent/items", "required")]),
        (GOOD | {"parent": None}, [("/parent", "type")]),
        (GOOD | {"amount": -1}, [("/amount", "minimum")]),
        (GOOD | {"metadata": {"a": ["\0"], "b\0": 1}}, [("/metadata", "nul"), ("/metadata/a/0", "nul")]),
        (GOOD | {"a\0b": 1}, [("", "nul"), ("/a\ufffdb", "additionalProperties")]),
    ],
)
async def test_a_body_that_breaks_its_schema_is_pointed_at(body: dict[str, object], broken: list[object]) -> None:
    counter = await order(body)
    assert counter.refusal.kind is RefusalKind.INVALID
    assert [(pointer, rule) for _, pointer, rule in counter.broken] == broken
    assert counter.refusal.call
    assert counter.refusal.call.body == json.loads(json.dumps(body))


async def test_a_message_says_what_was_wrong_and_what_would_be_right() -> None:
    counter = await order(GOOD | {"amount": "secret-4111111111111111", "email": "4111111111111111", "method": {}})
    messages = {found.pointer: found.message for found in counter.refusal.violations}
    assert messages == {
        "/amount": "must be number, and is string",
        "/email": "must be of the format email",
        "/method": "is none of the 2 allowed forms; "
        "the nearest one breaks at /method/card: card is required and missing",
    }


CARD = "4111111111111111"


@pytest.mark.parametrize(
    "member",
    [{"id": CARD}, {"email": CARD}, {"amount": CARD}, {"amount": -int(CARD)}, {"method": CARD}, {"parent": [CARD]}],
)
async def test_a_message_never_quotes_the_value(member: dict[str, object]) -> None:
    counter = await order(GOOD | member)
    assert counter.broken
    assert CARD not in repr(counter.refusal.violations)


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"{", "malformed"),
        (b"{}{}", "malformed"),
        (b'{"amount":NaN}', "malformed"),
        (b'{"amount":Infinity}', "malformed"),
        (b"{'amount':1}", "malformed"),
        (b"\xef\xbb\xbf{}", "malformed"),
        (b'"\\ud800"', "malformed"),
        (b"\xff\xfe{\0}\0", "charset"),
        (b'{"amount":"\xff"}', "charset"),
        (b'{"\xff":1}', "charset"),
        (b'"\xed\xa0\x80"', "charset"),
        (b'{"amount":1e999999}', "number"),
        (b'{"amount":1e-999999}', "number"),
        (b'{"amount":0.' + b"1" * 400_000 + b"}", "number"),
        (b'{"amount":' + b"1" * 400_000 + b"}", "number"),
        (b"[" * 33 + b"]" * 33, "depth"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "depth"),
        (b"[" * 500_000, "depth"),
        (b"[" * 400_000 + b"]" * 400_000, "depth"),
    ],
)
async def test_what_cannot_be_read_is_malformed(raw: bytes, rule: str) -> None:
    counter = await order(raw)
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.MALFORMED, [("body", "", rule)])


@pytest.mark.parametrize(
    ("raw", "kind", "broken"),
    [
        (b'{"amount":1,"items":[],"amount":2}', RefusalKind.MALFORMED, [("/amount", "duplicate")]),
        (metadata('"a":[{"b":1,"b":2,"b":3,"c":"x:y"}]'), RefusalKind.MALFORMED, [("/metadata/a/0/b", "duplicate")]),
        (metadata('"a\\u0062":1,"ab":2'), RefusalKind.MALFORMED, [("/metadata/ab", "duplicate")]),
        (metadata('"a":"\\\\","a":"\\""'), RefusalKind.MALFORMED, [("/metadata/a", "duplicate")]),
        (metadata(f'"a":{"9" * 65}'), RefusalKind.MALFORMED, [("/metadata/a", "number")]),
        (metadata(f'"a":[-{"1" + "0" * 400}]'), RefusalKind.MALFORMED, [("/metadata/a/0", "number")]),
        (
            metadata(",".join(f'"k{number}":{number}' for number in range(1001))),
            RefusalKind.TOO_LARGE,
            [("/metadata", "fields")],
        ),
    ],
)
async def test_what_is_read_and_still_refused_is_pointed_at(
    raw: bytes, kind: RefusalKind, broken: list[object]
) -> None:
    counter = await order(raw)
    assert counter.refusal.kind is kind
    assert [(pointer, rule) for _, pointer, rule in counter.broken] == broken


@pytest.mark.parametrize(
    "raw",
    [
        metadata('"a":"\\"quoted\\" and \\\\ escaped","b":"colon: {[","c":{"a":1}'),
        metadata(f'"a":{"9" * 64}'),
        metadata('"a":18446744073709551616'),
        metadata('"a":' + "[" * 30 + "]" * 30),
        metadata('"a":[' + ",".join(["[]"] * 900) + "]"),
        metadata(",".join(f'"k{number}":"{number:9}"' for number in range(1000))),
        metadata(f'"a":[{",".join(["{}"] * 2000)}]'),
        metadata('"a":"' + "1" * 900_000 + '"'),
    ],
)
async def test_what_is_large_and_allowed_is_read(raw: bytes) -> None:
    assert (await order(raw)).call.body == json.loads(raw)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", 'application/json;charset="utf-8"', "Application/JSON"]
)
async def test_a_media_type_is_read_in_any_spelling(content_type: str) -> None:
    counter = await order(GOOD, headers={"content-type": content_type})
    assert (counter.call.body, counter.call.media_type) == (GOOD, content_type)


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "us-ascii", "x"])
async def test_another_charset_is_malformed(charset: str) -> None:
    counter = await order(GOOD, headers={"content-type": f"application/json; charset={charset}"})
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.MALFORMED, [("body", "", "charset")])


async def test_a_malformed_body_does_not_hide_what_the_parameters_break() -> None:
    counter = await order(b"{", headers=JSON | {"x-attempt": "x"})
    assert counter.refusal.kind is RefusalKind.MALFORMED
    assert counter.broken == [("header", "x-attempt", "type"), ("body", "", "malformed")]


async def test_an_unreadable_query_does_not_hide_what_the_body_breaks() -> None:
    counter = await ask("POST /note?\xff", b"longer", headers={"content-type": "text/plain"})
    assert counter.refusal.kind is RefusalKind.MALFORMED
    assert counter.broken == [("query", "", "charset"), ("body", "", "maxLength")]


async def test_broken_parameters_do_not_hide_what_the_body_breaks() -> None:
    counter = await order({"amount": 1}, headers=JSON | {"x-attempt": "x"})
    assert counter.broken == [("header", "x-attempt", "type"), ("body", "/items", "required")]


MANY_ITEMS: list[tuple[list[object], int]] = [
    ([{}] * 99, 99),
    ([{}] * 101, 100),
    ([{}] * 6_000, 1),
    ([1] * 300_000, 1),
    ([*[{"amount": 1}] * 3_000, 1], 1),
]


@pytest.mark.parametrize(("items", "listed"), MANY_ITEMS, ids=["99", "101", "6000", "300000", "the last"])
async def test_a_long_list_of_violations_is_cut_off(items: list[object], listed: int) -> None:
    """Each costs more than the bytes that cause it: half a million took 11 seconds and 1.2 GB."""
    counter = await order(GOOD | {"items": items})
    assert counter.refusal.kind is RefusalKind.INVALID
    assert len(counter.broken) == listed


async def test_what_the_kit_itself_finds_is_cut_off_too() -> None:
    counter = await order(metadata(f'"a":[{",".join(["9" * 65] * 101)}]'))
    assert len(counter.broken) == 100


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(value=JSON_VALUES, ascii_only=st.booleans())
def test_every_json_value_reads_as_what_the_standard_library_reads(value: object, *, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    findings = Findings()
    assert read_json(raw, Limits(), findings) == value
    assert {violation.rule for violation in findings.violations} <= {"nul"}
    assert bool(findings.violations) is ("\\u0000" in json.dumps(value).replace("\\\\", ""))


MEMBERS = st.lists(st.tuples(st.sampled_from(["a", "b", "\\", '"', ":"]), JSON_VALUES), min_size=1, max_size=5)


@given(MEMBERS)
def test_a_name_that_stands_twice_is_always_found(members: list[tuple[str, object]]) -> None:
    text = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members)
    findings = Findings()
    read_json(f"[{{{text}}}]".encode(), Limits(), findings)
    doubled = len({name for name, _ in members}) < len(members)
    assert any(violation.rule == "duplicate" for violation in findings.violations) is doubled


def kind_of(raw: bytes) -> RefusalKind | None:
    """How `raw` is refused, and None where it is read."""
    try:
        read_json(raw, Limits(), Findings())
    except Unreadable as unreadable:
        return unreadable.kind
    return None


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    assert kind_of(raw) in {None, RefusalKind.MALFORMED}


MANY = Limits(values=10)


def values_of(count: int, value: str) -> str:
    return f"[{','.join([value] * count)}]"


@pytest.mark.parametrize("value", ["0", "{}", '"a,b"', '"\\",\\""', '{"a":1}'])
def test_as_many_values_as_are_allowed_are_read_and_one_more_is_not(value: str) -> None:
    assert read_json(values_of(10, value).encode(), MANY, Findings()) == json.loads(values_of(10, value))
    with pytest.raises(Unreadable) as refused:
        read_json(values_of(11, value).encode(), MANY, Findings())
    assert (refused.value.rule, refused.value.kind) == ("values", RefusalKind.TOO_LARGE)


def test_commas_of_a_text_are_no_values() -> None:
    text = json.dumps({"note": ',"' * 10_000, "b": [1, 2]})
    assert read_json(text.encode(), MANY, Findings()) == json.loads(text)


@pytest.mark.parametrize("raw", [b'[,"' + b'\\",' * 300_000, b'["",' + b'"",' * 300_000, b"[" + b"0," * 500_000])
def test_what_is_refused_for_its_values_is_not_decoded_first(raw: bytes) -> None:
    """The first has a text without an end and as many quotation marks in it: looked for again from each, minutes."""
    with pytest.raises(Unreadable):
        read_json(raw, Limits(values=50_000), Findings())
