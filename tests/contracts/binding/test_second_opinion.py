"""The kit's verdicts beside those of openapi-core, an independent reader of the same document.

Requests are drawn at random, right and wrong in every part. Where the two disagree, the clause that decides stands in
DISAGREEMENTS, and a test shows that the disagreement is there.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contracts.binding import Document, bind
from tests.contracts.binding.shop import FORM, JSON, Counter, handlers_of, scope_of, send_to
from tests.counts import large

ITEM = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer", "minimum": 1}}}
ORDER = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "number", "multipleOf": 0.5},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "items": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Item"}},
        "method": {"enum": ["card", "wallet", 1]},
        "note": {"type": ["string", "null"], "maxLength": 3},
    },
}
PAYMENT = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "integer", "maximum": 100},
        "agreed": {"type": "boolean"},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "integer"}},
        "name": {"type": "string", "minLength": 1},
    },
}
PARAMETERS = [
    {"name": "order", "in": "path", "required": True, "schema": {"type": "integer"}},
    {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1}},
    {"name": "price", "in": "query", "schema": {"type": "number"}},
    {"name": "open", "in": "query", "schema": {"type": "boolean"}},
    {"name": "tag", "in": "query", "schema": {"type": "array", "maxItems": 2, "items": {"type": "string"}}},
    {"name": "ids", "in": "query", "explode": False, "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "x-attempt", "in": "header", "schema": {"type": "integer", "maximum": 9}},
]
ROOT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Second opinion", "version": "1"},
    "paths": {
        "/orders/{order}": {
            "post": {
                "operationId": "change",
                "parameters": PARAMETERS,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": ORDER},
                        "application/x-www-form-urlencoded": {"schema": PAYMENT},
                    },
                },
                "responses": {"200": {"description": "changed"}},
            }
        }
    },
    "components": {"schemas": {"Item": ITEM}},
}
KIT = Document.from_mapping(ROOT, name="second opinion")
OTHER = OpenAPI.from_dict(ROOT)


URLENCODED = FORM["content-type"]


@dataclass(frozen=True)
class Asked:
    """One request, as both readers are given it; the body of a form is given by its fields."""

    order: str = "1"
    query: tuple[tuple[str, str], ...] = (("limit", "1"),)
    attempt: str = "1"
    content_type: str = "application/json"
    json: str = '{"amount":1}'
    form: tuple[tuple[str, str], ...] = ()

    @property
    def is_form(self) -> bool:
        return self.content_type == URLENCODED

    @property
    def body(self) -> bytes:
        return urlencode(self.form).encode() if self.is_form else self.json.encode()

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        return (*self.query, *(self.form if self.is_form else ()))

    def texts(self, *names: str) -> list[str]:
        """The texts of these fields, the items of `ids` one by one, and those of path and header."""
        items = [(name, text.split(",") if name == "ids" else [text]) for name, text in self.fields]
        return [self.order, self.attempt, *(text for name, texts in items if name in names for text in texts)]


class _Request:
    """The request as openapi-core's protocol wants it."""

    def __init__(self, asked: Asked) -> None:
        self.host_url, self.path, self.method = "http://x", f"/orders/{quote(asked.order, safe='')}", "post"
        self.body, self.content_type = asked.body, asked.content_type
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(asked.query),
            header=Headers({"x-attempt": asked.attempt}),
            path={"order": asked.order},
        )


async def kit_accepts(asked: Asked) -> bool:
    counter = Counter()
    app = bind(KIT, handlers_of(KIT, counter.serve), refuse=counter.refuse)
    target = f"/orders/{quote(asked.order, safe='')}?{urlencode(asked.query)}"
    headers = {"x-attempt": asked.attempt, "content-type": asked.content_type}
    await send_to(app, scope_of("POST", target, headers=headers), asked.body)
    return not counter.refusals


def other_accepts(asked: Asked) -> bool:
    try:
        OTHER.validate_request(_Request(asked))
    except (OpenAPIError, ArithmeticError, ValueError):
        # The latter two are what it dies of at 1e400 and NaN.
        return False
    return True


JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def is_python_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def spells_a_number_otherwise(asked: Asked) -> bool:
    texts = asked.texts("limit", "price", "ids", "amount", "tags")
    return any(is_python_number(text) and not JSON_NUMBER.fullmatch(text) for text in texts)


def writes_an_integer_as_a_fraction(asked: Asked) -> bool:
    texts = asked.texts("limit", "ids", "amount", "tags")
    return any(JSON_NUMBER.fullmatch(text) and not text.lstrip("-").isdigit() for text in texts)


PYTHON_BOOLEANS = {"y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0"}


def spells_a_boolean_otherwise(asked: Asked) -> bool:
    texts = asked.texts("open", "agreed")[2:]
    return any(text.lower() in PYTHON_BOOLEANS and text not in {"true", "false"} for text in texts)


def repeats_a_single_value(asked: Asked) -> bool:
    fields = (asked.query, asked.form if asked.is_form else ())
    names = [[name for name, _ in given if name not in {"tag", "tags", "ids"}] for given in fields]
    return any(len(set(found)) < len(found) for found in names)


def holds_nul(asked: Asked) -> bool:
    return "\\u0000" in asked.json or any("\0" in text for _, text in asked.fields)


def repeats_a_member(asked: Asked) -> bool:
    return asked.json.count('"amount"') > 1 and '"items"' not in asked.json


def ends_a_pattern_with_a_line(asked: Asked) -> bool:
    return '\\n"' in asked.json


def starts_with_a_byte_order_mark(asked: Asked) -> bool:
    return asked.json.startswith("\ufeff")


def declares_another_charset(asked: Asked) -> bool:
    return "latin" in asked.content_type


@dataclass(frozen=True)
class Disagreement:
    """The kit's verdict on `example`, where openapi-core has the other one."""

    meets: Callable[[Asked], bool]
    clause: str
    example: Asked
    kit_accepts: bool


def form(*fields: tuple[str, str]) -> Asked:
    return Asked(content_type=URLENCODED, form=fields)


DISAGREEMENTS = (
    Disagreement(
        spells_a_number_otherwise,
        "RFC 8259 section 6 has the grammar of numbers; openapi-core has Python's int() and float()",
        Asked(query=(("limit", "1_000"),)),
        kit_accepts=False,
    ),
    Disagreement(
        writes_an_integer_as_a_fraction,
        "JSON Schema 2020-12 validation section 6.1.1: 1.0 is an integer",
        Asked(order="1.0"),
        kit_accepts=True,
    ),
    Disagreement(
        spells_a_boolean_otherwise,
        "RFC 8259 section 3: true and false, in lower case; openapi-core takes 1, yes and TRUE as well",
        form(("amount", "1"), ("agreed", "TRUE")),
        kit_accepts=False,
    ),
    Disagreement(
        repeats_a_single_value,
        "no clause of OpenAPI: the kit's own rule, since two readers would believe two different amounts",
        form(("amount", "1"), ("amount", "2")),
        kit_accepts=False,
    ),
    Disagreement(
        holds_nul,
        "no clause of OpenAPI: the kit's own rule, since PostgreSQL's text cannot hold U+0000",
        Asked(json='{"amount":1,"note":"\\u0000"}'),
        kit_accepts=False,
    ),
    Disagreement(
        repeats_a_member,
        "RFC 8259 section 4: names within an object should be unique; what two readers make of it is unpredictable",
        Asked(json='{"amount":1,"amount":2}'),
        kit_accepts=False,
    ),
    Disagreement(
        ends_a_pattern_with_a_line,
        "JSON Schema 2020-12 core section 6.4 takes ECMA-262, whose $ does not stand before a last line break",
        Asked(json='{"amount":1,"currency":"EUR\\n"}'),
        kit_accepts=False,
    ),
    Disagreement(
        starts_with_a_byte_order_mark,
        "RFC 8259 section 8.1: no byte order mark is added; a reader may ignore it, and the kit does not",
        Asked(json='\ufeff{"amount":1}'),
        kit_accepts=False,
    ),
    Disagreement(
        declares_another_charset,
        "RFC 8259 section 8.1: JSON is UTF-8; section 11: there is no charset parameter, so it can only be wrong",
        Asked(content_type="application/json; charset=latin-1"),
        kit_accepts=False,
    ),
)


@pytest.mark.parametrize("disagreement", DISAGREEMENTS, ids=lambda row: row.meets.__name__)
async def test_each_disagreement_is_there(disagreement: Disagreement) -> None:
    example = disagreement.example
    assert disagreement.meets(example), disagreement.clause
    assert await kit_accepts(example) is disagreement.kit_accepts
    assert other_accepts(example) is not disagreement.kit_accepts


# What meets a disagreement is left out of the draw, so that nearly every request is compared.
INTEGERS = st.sampled_from(["1", "1", "0", "-3", "10", "99", "101", "x", "", "-", "1.", "9" * 30])
NUMBERS = INTEGERS | st.sampled_from(["1.5", "1e2", "-0.0", ".5"]).filter(JSON_NUMBER.fullmatch)
BOOLEANS = st.sampled_from(["true", "false", "maybe", "", "2", "null"])
WORDS = st.sampled_from(["a", "true", "1", "", "EUR", "null", "longer", "\u00e9", "a b", "a,b", "a&b=c", "100%"])
Fields = tuple[tuple[str, str], ...]


def fields_of(*, many: str, **values: st.SearchStrategy[str]) -> st.SearchStrategy[Fields]:
    """Fields of these names, in any order, each at most once but for `many`."""
    fields = [st.tuples(st.just(name), value) for name, value in values.items()]
    once = st.lists(st.one_of(fields), unique_by=lambda pair: pair[0], max_size=4)
    more = st.lists(st.tuples(st.just(many), values[many]), max_size=2)
    return st.tuples(once, more).map(lambda pair: tuple(pair[0] + pair[1]))


LIMIT = st.just(("limit", "1"))
IDS = st.tuples(st.just("ids"), st.lists(INTEGERS.filter(bool), min_size=1, max_size=3).map(",".join))
QUERIES = fields_of(limit=INTEGERS, price=NUMBERS, open=BOOLEANS, tag=WORDS, other=WORDS, many="tag")
FORMS = fields_of(amount=INTEGERS, agreed=BOOLEANS, tags=INTEGERS, name=WORDS, other=WORDS, many="tags")
ODD: list[object] = [1, 1.5, 0.25, -1, 10**20, True, None, "EUR", "eur", "card", "", [], {}]
VALUES = st.sampled_from(ODD)
ITEMS = st.lists(st.fixed_dictionaries({}, optional={"amount": VALUES, "x": VALUES}), max_size=3)
BODIES = st.fixed_dictionaries(
    {"amount": st.sampled_from([1, 2.5]) | VALUES},
    optional={"currency": VALUES, "items": ITEMS | VALUES, "method": VALUES, "note": VALUES},
).map(json.dumps) | st.sampled_from(["", "{}", "[]", "null", "{", '{"amount":1,"x":1}', '{"amount":NaN}'])
REQUESTS = st.builds(
    Asked,
    order=st.just("1") | INTEGERS.filter(bool),
    query=st.tuples(LIMIT) | st.tuples(LIMIT, IDS) | QUERIES,
    attempt=st.just("1") | INTEGERS,
    content_type=st.sampled_from(
        [*[JSON["content-type"], URLENCODED] * 3, "application/json; charset=utf-8", "text/a"]
    ),
    json=st.just('{"amount":1}') | BODIES,
    form=st.just((("amount", "1"),)) | FORMS,
)


@given(REQUESTS)
@settings(max_examples=large(3_000))
async def test_both_readers_agree_on_everything_else(asked: Asked) -> None:
    if not any(disagreement.meets(asked) for disagreement in DISAGREEMENTS):
        assert await kit_accepts(asked) is other_accepts(asked)
