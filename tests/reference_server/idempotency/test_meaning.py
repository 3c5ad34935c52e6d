"""What a request means where its values are no plain JSON: as the kit may decode them, and past 64 bits."""

from decimal import Decimal
from pathlib import PurePosixPath
from types import MappingProxyType

import pytest

from reference_server.idempotency.asked import fingerprint_of
from tests.reference_server.idempotency.asking import a_call

# JSON has no bound; orjson's is 64 bits.
HUGE = 2**65


def meaning_of(body: object) -> str:
    return fingerprint_of(a_call(body))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": HUGE, "b": 1}, {"b": 1, "a": HUGE}),
        ({"a": {"c": HUGE, "d": 2}}, {"a": {"d": 2, "c": HUGE}}),
        ({"a": Decimal("1.50"), "b": HUGE}, {"b": HUGE, "a": Decimal("1.5")}),
        ({"a": {"b": 1, "c": 2}}, {"a": MappingProxyType({"c": 2, "b": 1})}),
        ({"a": PurePosixPath("x")}, {"a": "x"}),
    ],
)
def test_neither_order_nor_kind_of_container_makes_another_request(one: object, other: object) -> None:
    assert meaning_of(one) == meaning_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": HUGE}, {"a": HUGE + 1}),
        ({"a": MappingProxyType({"b": 1})}, {"a": MappingProxyType({"b": 2})}),
        ({"a": PurePosixPath("x")}, {"a": PurePosixPath("y")}),
    ],
)
def test_another_value_in_it_makes_another_request(one: object, other: object) -> None:
    assert meaning_of(one) != meaning_of(other)
