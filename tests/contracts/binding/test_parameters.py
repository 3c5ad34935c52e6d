"""Parameters: decoded to their schema's type, or reported with their name."""

from decimal import Decimal

import pytest

from contracts.binding import Document, DocumentError, Limits, RefusalKind, bind
from contracts.binding.shapes import shape_of
from tests.contracts.binding.shop import Counter, ask, handlers_of, open_shop, scope_of, send_to

NEEDED = {"x-attempt": "1"}


@pytest.mark.parametrize(
    ("query", "decoded"),
    [
        ("", {}),
        ("limit=5", {"limit": 5}),
        ("limit=5.0", {"limit": Decimal("5.0")}),
        ("limit=5&other=1&other=2", {"limit": 5}),
        ("&&limit=5&", {"limit": 5}),
        ("l%69mit=%35", {"limit": 5}),
        ("price=10", {"price": Decimal(10)}),
        ("price=10.50", {"price": Decimal("10.50")}),
        ("open=true", {"open": True}),
        ("tag=a&tag=&tag=a%2Cb", {"tag": ["a", "", "a,b"]}),
        ("tag=one", {"tag": ["one"]}),
        ("ids=1,2,3", {"ids": [1, 2, 3]}),
        ("ids=1%2C2%2c3", {"ids": [1, 2, 3]}),
        ("words=a%20b+c", {"words": ["a", "b", "c"]}),
        ("pipes=a|b%7Cc%7cd", {"pipes": ["a", "b", "c", "d"]}),
        ("range[from]=1&range[to]=2&rangefrom=9&range=8", {"range": {"from": 1, "to": 2}}),
        ("range%5Bfrom%5D=1", {"range": {"from": 1}}),
        ("range[else]=1", {"range": {"else": "1"}}),
        ("filter=%7B%22state%22%3A1.5%7D", {"filter": {"state": Decimal("1.5")}}),
        ("level=2", {"level": 2}),
        ("fixed=7", {"fixed": 7}),
    ],
)
async def test_a_query_is_decoded_by_its_schema(query: str, decoded: dict[str, object]) -> None:
    counter = await ask(f"GET /orders?{query}", headers=NEEDED)
    assert counter.call.query == decoded


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ("limit=0", ("query", "limit", "minimum")),
        ("limit=", ("query", "limit", "type")),
        ("limit=ten", ("query", "limit", "type")),
        ("limit=5%20", ("query", "limit", "type")),
        ("limit=+5", ("query", "limit", "type")),
        ("limit=05", ("query", "limit", "type")),
        ("limit=%D9%A5", ("query", "limit", "type")),
        ("limit=1e999999", ("query", "limit", "type")),
        ("limit=-", ("query", "limit", "type")),
        (f"limit={'9' * 400}", ("query", "limit", "type")),
        ("limit=1&limit=2", ("query", "limit", "repeated")),
        ("price=NaN", ("query", "price", "type")),
        ("price=true", ("query", "price", "type")),
        ("open=1", ("query", "open", "type")),
        ("open=TRUE", ("query", "open", "type")),
        ("tag=a&tag=b&tag=c&tag=d", ("query", "tag", "maxItems")),
        ("tag=a&tag=toolong", ("query", "tag/1", "maxLength")),
        ("tag=%00", ("query", "tag/0", "nul")),
        ("ids=1,x", ("query", "ids/1", "type")),
        ("range[from]=x", ("query", "range/from", "type")),
        ("range[from]=1&range[from]=2", ("query", "range", "repeated")),
        ("filter=%7B%7D", ("query", "filter/state", "required")),
        ("filter=1&filter=2", ("query", "filter", "repeated")),
        ("filter=%22%5Cu0000%22", ("query", "filter", "nul")),
        ("level=3", ("query", "level", "enum")),
        ("fixed=8", ("query", "fixed", "const")),
    ],
)
async def test_a_query_that_breaks_its_schema_is_invalid(query: str, broken: tuple[str, str, str]) -> None:
    counter = await ask(f"GET /orders?{query}", headers=NEEDED)
    assert (counter.refusal.kind, counter.broken) == (RefusalKind.INVALID, [broken])


@pytest.mark.parametrize(
    ("query", "kind", "broken"),
    [
        ("limit=%FF", RefusalKind.MALFORMED, ("query", "limit", "charset")),
        ("tag=%C3%28", RefusalKind.MALFORMED, ("query", "tag", "charset")),
        ("%FF=1", RefusalKind.MALFORMED, ("query", "", "charset")),
        ("limit=\xff", RefusalKind.MALFORMED, ("query", "", "charset")),
        ("filter={", RefusalKind.MALFORMED, ("query", "filter", "malformed")),
        ('filter={"a":1,"a":1}', RefusalKind.MALFORMED, ("query", "filter", "duplicate")),
        ("a=1&" * 1000, RefusalKind.TOO_LARGE, ("query", "", "fields")),
        ("a=" + "b" * 8191, RefusalKind.TOO_LARGE, ("query", "", "query-length")),
    ],
)
async def test_a_query_that_cannot_be_read_is_refused(
    query: str, kind: RefusalKind, broken: tuple[str, str, str]
) -> None:
    counter = await ask(f"GET /orders?{query}", headers=NEEDED)
    assert (counter.refusal.kind, counter.broken) == (kind, [broken])


async def test_a_field_of_a_query_has_a_length_of_its_own() -> None:
    counter = Counter()
    app = open_shop(counter, limits=Limits(field_bytes=10))
    await send_to(app, scope_of("GET", "/orders?limit=000000000", headers=NEEDED), b"")
    assert counter.broken == [("query", "", "field-length")]


async def test_all_violations_are_reported_and_not_the_first_alone() -> None:
    counter = await ask("GET /orders?limit=0&price=x&tag=toolong", headers={"cookie": "visit=x"})
    assert counter.broken == [
        ("query", "limit", "minimum"),
        ("query", "price", "type"),
        ("query", "tag/0", "maxLength"),
        ("header", "x-attempt", "required"),
        ("cookie", "visit", "type"),
    ]


async def test_an_invalid_call_is_handed_over_whole() -> None:
    counter = await ask("GET /orders?limit=0&price=x", headers=NEEDED)
    call = counter.refusal.call
    assert call
    assert (call.query, call.headers) == ({"limit": 0, "price": "x"}, {"x-attempt": 1})


@pytest.mark.parametrize("names", ["a, b", "a,b", " a ,b\t"])
async def test_a_header_list_is_split_at_its_commas(names: str) -> None:
    counter = await ask("GET /orders", headers={**NEEDED, "x-names": names})
    assert counter.call.headers == {"x-attempt": 1, "x-names": ["a", "b"]}


async def test_header_lines_of_a_list_are_joined_and_those_of_a_single_value_refused() -> None:
    scope = scope_of("GET", "/orders", headers={})
    scope["headers"] = [(b"x-names", b"a"), (b"x-names", b"b"), (b"x-attempt", b"1"), (b"x-attempt", b"1")]
    counter = Counter()
    await send_to(open_shop(counter), scope, b"")
    assert counter.broken == [("header", "x-attempt", "repeated")]
    assert counter.refusal.call
    assert counter.refusal.call.headers == {"x-names": ["a", "b"]}


async def test_the_parameter_of_an_operation_stands_before_that_of_its_path() -> None:
    """The path's x-attempt is optional and may be negative; that of listOrders is neither."""
    assert (await ask("GET /orders", headers={"x-attempt": "-1"})).broken == [("header", "x-attempt", "minimum")]


async def test_a_cookie_is_held_to_its_schema() -> None:
    counter = await ask("GET /orders", headers={**NEEDED, "cookie": "a=b; visit=3;lonely; c=d=e"})
    assert counter.call.query == {}


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ("limit=1&range[to]=2", []),
        ("limt=1", [("query", "limt", "undeclared")]),
        ("other[to]=1&x", [("query", "other[to]", "undeclared"), ("query", "x", "undeclared")]),
    ],
)
async def test_a_strict_query_refuses_what_is_not_declared(query: str, broken: list[tuple[str, str, str]]) -> None:
    counter = await ask(f"GET /orders/mine?{query}")
    assert [found for refusal in counter.refusals for found in counter.broken if refusal] == broken


async def test_the_last_value_counts_where_the_operation_says_so() -> None:
    counter = await ask("DELETE /orders/1?reason=a&reason=b&range[to]=1&range[to]=2")
    assert counter.call.query == {"reason": "b", "range": {"to": 2}}


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/orders/much-too-long-name", ("path", "order", "maxLength")),
        ("/orders/a%00b", ("path", "order", "nul")),
        ("/receipts/x.pdf", ("path", "receipt", "type")),
    ],
)
async def test_a_path_parameter_is_held_to_its_schema(path: str, broken: tuple[str, str, str]) -> None:
    assert (await ask(f"GET {path}")).broken == [broken]


@pytest.mark.parametrize(
    ("parameter", "complaint"),
    [
        ({"name": "a", "in": "body", "schema": {}}, "must be path, query, header or cookie"),
        ({"in": "query", "schema": {}}, "needs a name"),
        ({"name": "a", "in": "query"}, "needs a schema or a content"),
        ({"name": "a", "in": "query", "style": "label", "schema": {}}, "does not read the style 'label'"),
        ({"name": "a", "in": "query", "schema": {"type": "object"}}, "reads objects in the style deepObject"),
        ({"name": "a", "in": "query", "content": {"text/plain": {"schema": {}}}}, "must be application/json"),
        ({"name": "a", "in": "query", "content": {"application/json": {}}}, "must be application/json"),
        ({"name": "a", "in": "query", "schema": {"type": 7}}, "is not of types"),
        ({"name": "a", "in": "query", "schema": {"$ref": "#/nowhere"}}, "names nothing: there is no 'nowhere'"),
    ],
)
def test_a_parameter_that_the_kit_cannot_keep_stops_the_binding(parameter: dict[str, object], complaint: str) -> None:
    operation = {"operationId": "find", "parameters": [parameter]}
    root = {"openapi": "3.1.0", "paths": {"/find": {"get": operation}}}
    document = Document.from_mapping(root, name="shop")
    with pytest.raises(DocumentError, match=complaint) as raised:
        bind(document, handlers_of(document, Counter().serve), refuse=Counter().refuse)
    assert str(raised.value).startswith("shop#/paths/~1find/get/parameters/0")


def test_a_schema_may_refer_to_itself() -> None:
    circle = {"anyOf": [{"$ref": "#/components/schemas/Circle"}, {"type": "integer"}]}
    document = Document.from_mapping({"openapi": "3.1.0", "components": {"schemas": {"Circle": circle}}}, name="shop")
    schemas = dict(document.top.children("components"))["schemas"]
    assert shape_of(schemas.place("Circle")).kinds == {"integer"}
