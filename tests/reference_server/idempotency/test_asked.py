"""Which key a header names, and when two requests mean the same."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Document
from contracts.binding.json_body import read_json
from contracts.binding.limits import Limits
from contracts.binding.unreadable import Findings
from reference_server.documents import OPENAPI
from reference_server.idempotency.asked import ask_under_key, ask_without_key, find_asked, fingerprint_of, key_of
from tests.reference_server.idempotency.asking import MERCHANT, a_call


def meaning_of(text: str) -> str:
    return fingerprint_of(a_call(read_json(text.encode(), Limits(), Findings())))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":[2,3]}', '{ "b" : [2, 3],\n "a" : 1 }'),
        ('{"a":1.5}', '{"a":1.50}'),
        ('{"a":100}', '{"a":1e2}'),
        ('{"a":0}', '{"a":-0.0}'),
        ('{"a":"\\u0041"}', '{"a":"A"}'),
        ('{"a":36893488147419103232}', '{"a":36893488147419103232.0}'),
    ],
)
def test_spelling_makes_no_other_request(one: str, other: str) -> None:
    assert meaning_of(one) == meaning_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1}', '{"a":2}'),
        ('{"a":1}', '{"a":"1"}'),
        ('{"a":1.5}', '{"a":"1.5"}'),
        ('{"a":1}', '{"a":true}'),
        ('{"a":0}', '{"a":false}'),
        ('{"a":null}', "{}"),
        ('{"a":[1,2]}', '{"a":[2,1]}'),
        ('{"a":{"b":1}}', '{"a":{},"b":1}'),
        ('{"a":"x"}', '{"a":"x "}'),
        ("{}", "[]"),
    ],
)
def test_another_value_is_another_request(one: str, other: str) -> None:
    assert meaning_of(one) != meaning_of(other)


def test_a_number_of_a_billion_digits_is_never_written_out() -> None:
    assert len(fingerprint_of(a_call({"a": Decimal("1E+999999")}))) == 64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


def turned(value: Any) -> Any:
    """Return the same value with the members of its objects in the other order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # it may be any JSON
    return [turned(one) for one in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]  # it may be any JSON


@given(body=JSON)
def test_order_and_spacing_make_no_other_request(body: object) -> None:
    assert meaning_of(json.dumps(body)) == meaning_of(json.dumps(turned(body), indent=3, ensure_ascii=False))


@given(one=JSON, other=JSON)
def test_what_differs_is_told_apart(one: object, other: object) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (meaning_of(json.dumps(one)) == meaning_of(json.dumps(other))) is is_same


@pytest.mark.parametrize(
    ("value", "key"),
    [("abc", "abc"), ('"abc"', "abc"), (r'"a\"b\\c"', r'a"b\c'), ("a:b", "a:b"), ("' OR 1=1 --", "' OR 1=1 --")],
)
def test_a_quoted_key_is_the_same_as_the_bare_one(value: str, key: str) -> None:
    assert key_of(value) == key


def test_two_values_of_a_path_are_two_operations() -> None:
    scopes: list[Any] = []
    for payment in ("pay_a", "pay_b"):
        ask_under_key(a_call(path={"payment_id": payment}), MERCHANT)
        asked = find_asked()
        assert asked is not None
        scopes.append(asked.scope)
    assert scopes[0] != scopes[1]


def test_no_key_is_left_over_from_the_call_before() -> None:
    ask_under_key(a_call(), MERCHANT)
    ask_without_key()
    assert find_asked() is None


def test_every_operation_that_heeds_a_key_declares_it() -> None:
    root: Any = Document.load(OPENAPI).root
    reference = {"$ref": "#/components/parameters/IdempotencyKey"}
    for path, item in root["paths"].items():
        for method, operation in item.items():
            if method in {"get", "put", "post", "delete"}:
                declares = reference in operation.get("parameters", [])
                assert operation.get("x-idempotent", False) is declares, f"{method} {path}"
                assert not declares or {"409", "422"} <= operation["responses"].keys(), f"{method} {path}"
