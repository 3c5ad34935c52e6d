"""Bodies other than JSON: forms, multipart, text, files; and which reader a media type gets."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Limits, RefusalKind, UploadedFile
from contracts.binding.multipart_body import split_parts
from contracts.binding.unreadable import Unreadable
from tests.contracts.binding.shop import FORM, JSON, Counter, ask, open_shop, scope_of, send_to

MULTIPART = {"content-type": "multipart/form-data; boundary=cut"}
UNNAMED = b'--cut\r\nContent-Disposition: form-data; filename="a"\r\n\r\n1\r\n--cut--\r\n'


def part(disposition: str, content: bytes, *, media_type: str = "") -> bytes:
    kind = f"\r\nContent-Type: {media_type}" if media_type else ""
    return f"--cut\r\nContent-Disposition: form-data; {disposition}{kind}\r\n\r\n".encode() + content + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--cut--\r\n"


AMOUNT = part('name="amount"', b"10.50")


@pytest.mark.parametrize(
    ("form", "decoded"),
    [
        ("count=3", {"count": 3}),
        ("agreed=false", {"agreed": False}),
        ("name=7", {"name": "7"}),
        ("name=", {"name": ""}),
        ("name", {"name": ""}),
        ("name=a%2Bb+c%26%3D", {"name": "a+b c&="}),
        ("name=\u00e9", {"name": "é"}),
        ("either=3", {"either": 3}),
        ("either=true", {"either": True}),
        ("tags=1&tags=2", {"tags": [1, 2]}),
        ("tags=1", {"tags": [1]}),
        ("codes=1,2", {"codes": [1, 2]}),
        ("range[from]=1&range[to]=2", {"range": {"from": 1, "to": 2}}),
        ("notes=[1.5]", {"notes": [Decimal("1.5")]}),
        ('basket={"sku":"x"}', {"basket": {"sku": "x"}}),
        ("other=1", {"other": "1"}),
        ("to=4", {"to": 4}),
    ],
)
async def test_a_form_is_decoded_by_the_schema_of_each_property(form: str, decoded: dict[str, object]) -> None:
    counter = await ask("POST /pay", f"amount=10.50&{form}".encode(), headers=FORM)
    assert counter.call.body == {"amount": Decimal("10.50"), **decoded}


@pytest.mark.parametrize(
    ("form", "broken"),
    [
        ("", [("/amount", "required")]),
        ("amount=", [("/amount", "type")]),
        ("amount=1&amount=2", [("/amount", "repeated"), ("/amount", "required")]),
        ("amount=1&other=1&other=2", [("/other", "repeated")]),
        ("amount=1&tags=1&tags=x", [("/tags/1", "type")]),
        ("amount=1&name=a%00b&x%00y=1", [("", "nul"), ("/name", "nul")]),
        ("amount=1&basket={}", [("/basket/sku", "required")]),
        ("amount=1&count=1.5", [("/count", "type")]),
    ],
)
async def test_a_form_that_breaks_its_schema_is_invalid(form: str, broken: list[tuple[str, str]]) -> None:
    counter = await ask("POST /pay", form.encode(), headers=FORM)
    assert counter.refusal.kind is RefusalKind.INVALID
    assert [(pointer, rule) for _, pointer, rule in counter.broken] == broken


@pytest.mark.parametrize(
    ("form", "kind", "broken"),
    [
        (b"amount=\xff", RefusalKind.MALFORMED, ("body", "", "charset")),
        (b"amount=1&name=%FF", RefusalKind.MALFORMED, ("body", "/name", "charset")),
        (b"amount=1&basket={", RefusalKind.MALFORMED, ("body", "/basket", "malformed")),
        (b"a=1&" * 10_000, RefusalKind.TOO_LARGE, ("body", "", "fields")),
        (b"a=" + b"1" * 65_536, RefusalKind.TOO_LARGE, ("body", "", "field-length")),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    form: bytes, kind: RefusalKind, broken: tuple[str, str, str]
) -> None:
    counter = await ask("POST /pay", form, headers=FORM)
    assert (counter.refusal.kind, counter.broken) == (kind, [broken])


async def test_another_charset_of_a_form_is_malformed() -> None:
    counter = await ask("POST /pay", b"amount=1", headers={"content-type": f"{FORM['content-type']}; charset=latin-1"})
    assert counter.broken == [("body", "", "charset")]


async def test_the_last_field_counts_where_the_operation_says_so() -> None:
    counter = await ask("PUT /pay", b"amount=1&amount=2&x=1&x=2", headers=FORM)
    assert counter.call.body == {"amount": Decimal(2), "x": "2"}


async def test_a_multipart_form_has_texts_and_files() -> None:
    scan = part('name="scan"; filename="\u00e9.png"', b"\x89PNG\0", media_type="image/png")
    pages = [part('name="pages"; filename="1"', b"a"), part('name="pages"; filename=""', b"")]
    counter = await ask("POST /pay", multipart(AMOUNT, scan, *pages, part('name="x"', b"")), headers=MULTIPART)
    assert counter.call.body == {
        "amount": Decimal("10.50"),
        "scan": UploadedFile("é.png", "image/png", b"\x89PNG\0"),
        "pages": [UploadedFile("1", "text/plain", b"a"), UploadedFile("", "text/plain", b"")],
        "x": "",
    }


SCAN = part('name="scan"; filename="a"', b"x")


@pytest.mark.parametrize(
    ("parts", "broken"),
    [
        ([], [("/amount", "required")]),
        ([AMOUNT, AMOUNT], [("/amount", "repeated"), ("/amount", "required")]),
        ([AMOUNT, SCAN, SCAN], [("/scan", "repeated")]),
        ([AMOUNT, part('name="scan"; filename="a"', b"x" * 9)], [("/scan", "maxLength")]),
        ([AMOUNT, *[part('name="pages"; filename="a"', b"x")] * 3], [("/pages", "maxItems")]),
        ([AMOUNT, part('name="x"', b"\0")], [("/x", "nul")]),
    ],
)
async def test_a_multipart_form_is_held_to_its_schema(parts: list[bytes], broken: list[tuple[str, str]]) -> None:
    counter = await ask("POST /pay", multipart(*parts), headers=MULTIPART)
    assert counter.refusal.kind is RefusalKind.INVALID
    assert [(pointer, rule) for _, pointer, rule in counter.broken] == broken


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"nothing", "malformed"),
        (AMOUNT, "malformed"),
        (AMOUNT + b"--cut", "malformed"),
        (UNNAMED, "malformed"),
        (b"--cut\r\n\r\n1\r\n--cut--\r\n", "malformed"),
        (multipart(part('name="a"', b"\xff")), "charset"),
        (multipart(part('name="\xff"', b"1").replace(b"\xc3\xbf", b"\xff")), "charset"),
        (multipart(part('name="a"', b"1", media_type="text/plain; charset=latin-1")), "charset"),
    ],
)
async def test_what_is_no_multipart_form_is_malformed(body: bytes, rule: str) -> None:
    counter = await ask("POST /pay", body, headers=MULTIPART)
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.MALFORMED, [("body", "", rule)])


@pytest.mark.parametrize("boundary", ["", "; boundary=", f"; boundary={'b' * 300}"])
async def test_a_multipart_form_needs_a_boundary_of_a_sane_length(boundary: str) -> None:
    counter = await ask("POST /pay", multipart(AMOUNT), headers={"content-type": f"multipart/form-data{boundary}"})
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.MALFORMED, [("body", "", "malformed")])


@pytest.mark.parametrize(
    ("limits", "parts", "rule"),
    [
        (Limits(fields=3), [AMOUNT] * 4, "fields"),
        (Limits(field_bytes=4), [AMOUNT], "field-length"),
    ],
)
async def test_a_multipart_form_is_bounded(limits: Limits, parts: list[bytes], rule: str) -> None:
    counter = Counter()
    await send_to(open_shop(counter, limits=limits), scope_of("POST", "/pay", headers=MULTIPART), multipart(*parts))
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.TOO_LARGE, [("body", "", rule)])


async def test_the_last_file_counts_where_the_operation_says_so() -> None:
    parts = [SCAN, part('name="scan"; filename="b"', b"y")]
    counter = await ask("PUT /pay", multipart(*parts), headers=MULTIPART)
    assert counter.call.body == {"scan": UploadedFile("b", "text/plain", b"y")}


def rule_against(raw: bytes) -> str:
    """The rule that makes `raw` unreadable, and none where it is read."""
    try:
        split_parts(raw, "cut", Limits())
    except Unreadable as unreadable:
        return unreadable.rule
    return ""


@given(st.binary(max_size=80))
def test_any_bytes_are_parts_or_unreadable(raw: bytes) -> None:
    assert rule_against(b"--cut\r\n" + raw + b"\r\n--cut--\r\n") in {"", "malformed", "charset"}


@pytest.mark.parametrize(
    ("content_type", "body", "read"),
    [
        ("text/plain", b"h\xc3\xa9", "hé"),
        ("TEXT/PLAIN; charset=utf-8", b"hi", "hi"),
        ("image/png", b"\xff\0", b"\xff\0"),
        ("application/vnd.shop+json", b"[1]", [1]),
        ("text/plain", b"", None),
        ("", b"", None),
    ],
)
async def test_a_note_is_read_by_its_media_type(content_type: str, body: bytes, read: object) -> None:
    counter = await ask("POST /note", body, headers={"content-type": content_type})
    assert counter.call.body == read


@pytest.mark.parametrize(
    ("content_type", "body", "kind", "broken"),
    [
        ("text/plain", b"longer", RefusalKind.INVALID, ("body", "", "maxLength")),
        ("text/plain", b"\xff", RefusalKind.MALFORMED, ("body", "", "charset")),
        ("text/plain; charset=koi8-r", b"a", RefusalKind.MALFORMED, ("body", "", "charset")),
        ("text/html", b"a", RefusalKind.UNSUPPORTED_MEDIA_TYPE, ("header", "content-type", "media-type")),
        ("", b"a", RefusalKind.UNSUPPORTED_MEDIA_TYPE, ("header", "content-type", "media-type")),
        (";;;=\xff", b"a", RefusalKind.UNSUPPORTED_MEDIA_TYPE, ("header", "content-type", "media-type")),
        ("application/json", b"1", RefusalKind.UNSUPPORTED_MEDIA_TYPE, ("header", "content-type", "media-type")),
    ],
)
async def test_a_note_that_cannot_be_taken_is_refused(
    content_type: str, body: bytes, kind: RefusalKind, broken: tuple[str, str, str]
) -> None:
    counter = await ask("POST /note", body, headers={"content-type": content_type})
    assert (counter.refusal.kind, counter.broken) == (kind, [broken])


@pytest.mark.parametrize("headers", [JSON, {}, {"content-type": "text/html"}])
async def test_a_required_body_that_is_missing_is_invalid(headers: dict[str, str]) -> None:
    counter = await ask("POST /orders", headers=headers)
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.INVALID, [("body", "", "required")])


@pytest.mark.parametrize(
    ("headers", "body", "read"),
    [
        (FORM, b"store=a", {"store": "a"}),
        (JSON, b'{"store":1}', {"store": 1}),
        ({}, b' {"store":1}', {"store": 1}),
        ({}, b"store=a", {"store": "a"}),
        (FORM, b"", {}),
        (JSON, b"", None),
        ({}, b"", None),
        ({"content-type": "text/html"}, b"", None),
    ],
)
async def test_a_lenient_operation_takes_a_body_of_any_of_its_types_or_none(
    headers: dict[str, str], body: bytes, read: object
) -> None:
    assert (await ask("POST /session", body, headers=headers)).call.body == read


async def test_a_lenient_operation_still_refuses_a_type_that_it_does_not_have() -> None:
    counter = await ask("POST /session", b"<a/>", headers={"content-type": "text/xml"})
    assert counter.refusal.kind is RefusalKind.UNSUPPORTED_MEDIA_TYPE


async def test_a_body_that_the_document_does_not_ask_for_is_left_unread() -> None:
    call = (await ask("DELETE /orders/1", b"{", headers=JSON)).call
    assert (call.body, call.raw_body) == (None, b"{")


async def test_a_compressed_body_is_refused() -> None:
    """RFC 9110 section 15.5.16; reading it would undo every bound on size."""
    counter = await ask("POST /orders", b"\x1f\x8b", headers=JSON | {"content-encoding": "gzip"})
    assert counter.refusal.kind is RefusalKind.UNSUPPORTED_MEDIA_TYPE
    assert counter.broken == [("header", "content-encoding", "encoding")]
