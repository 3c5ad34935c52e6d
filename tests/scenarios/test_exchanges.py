"""Exchanges as the control plane writes them."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from scenarios.exchanges import Actor, Direction, Kind, Outcome, Side, merge_journals, read_exchange, read_exchanges
from tests.scenarios.told import START, Wire

CONTROL = Path(__file__).parents[2] / "contracts" / "control.yaml"

WRITTEN: dict[str, object] = {
    "id": 3,
    "order": 7,
    "ended_order": 9,
    "at": "2026-01-01T00:00:00.000000Z",
    "ended_at": "2026-01-01T00:00:05Z",
    "direction": "in",
    "kind": "notification",
    "operation": "ipn",
    "from": "gateway",
    "to": "server",
    "account": "story",
    "subject": "T-1",
    "request": {"method": "POST", "url": "/payment/ipn/1", "headers": [["a", "b"]], "body": "x=1"},
    "answer": {"status": 200, "headers": [], "body": "OK"},
    "outcome": "answered",
    "faults": ["late 1 h"],
    "forged": True,
    "note": "why",
    "changes": [{"resource": "payment", "id": "T-1", "before": "PENDING", "after": "CAPTURED", "cause": "confirmed"}],
}


def test_an_exchange_is_read_whole() -> None:
    exchange = read_exchange(json.loads(json.dumps(WRITTEN)), side=Side.SERVER)

    assert (exchange.side, exchange.id, exchange.order, exchange.ended_order) == (Side.SERVER, 3, 7, 9)
    assert exchange.at == START
    assert exchange.request.headers == (("a", "b"),)
    assert exchange.answer is not None
    assert exchange.answer.status == 200
    assert exchange.changes[0].after == "CAPTURED"
    assert (exchange.faults, exchange.forged, exchange.note, exchange.subject) == (("late 1 h",), True, "why", "T-1")


def test_what_the_document_lets_out_is_read_as_nothing() -> None:
    left_out = {"ended_order", "ended_at", "account", "subject", "answer", "forged", "note"}
    least = {name: value for name, value in WRITTEN.items() if name not in left_out} | {"outcome": "open"}

    (exchange,) = read_exchanges([least], side=Side.SIMULATORS)

    assert (exchange.ended_order, exchange.ended_at, exchange.answer, exchange.forged) == (None, None, None, False)


@pytest.mark.parametrize(
    "wrong", [{"request": []}, {"faults": {}}, {"kind": "letter"}, {"at": "noon"}, {"changes": [1]}]
)
def test_a_strange_shape_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_exchange({**WRITTEN, **wrong}, side=Side.SERVER)


def test_words_are_those_of_the_control_plane() -> None:
    document = cast("dict[str, Any]", yaml.safe_load(CONTROL.read_text(encoding="utf-8")))
    exchange = document["components"]["schemas"]["Exchange"]["properties"]

    assert [actor.value for actor in Actor] == exchange["from"]["enum"] == exchange["to"]["enum"]
    assert [kind.value for kind in Kind] == exchange["kind"]["enum"]
    assert [outcome.value for outcome in Outcome] == exchange["outcome"]["enum"]
    assert [direction.value for direction in Direction] == exchange["direction"]["enum"]


def test_journals_are_merged_by_instant_and_then_by_place() -> None:
    wire = Wire()
    first = wire.begin((Actor.SERVER, Actor.GATEWAY), "GET /1")
    second = wire.begin((Actor.GATEWAY, Actor.SERVER), "GET /2")
    third = wire.later(seconds=1).begin((Actor.SERVER, Actor.GATEWAY), "GET /3", order=0)

    assert merge_journals([third, first], [second]) == (first, second, third)
