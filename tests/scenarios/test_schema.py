"""The schema agrees with the values, describes every step, and judges whatever it is given."""

import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import model
from scenarios.listing import list_scenarios, list_steps
from scenarios.loader import LoadError, load
from scenarios.reading import SEED, START
from scenarios.schema import SCHEMA, describe_faults, describe_steps, find_mistakes
from scenarios.tree import read_tree
from tests.scenarios.files import HEAD, with_steps, write

SCHEMA_ROOT = cast("dict[str, dict[str, dict[str, object]]]", json.loads(SCHEMA.read_text(encoding="utf-8")))


def default_of(place: str, member: str) -> object:
    found = SCHEMA_ROOT["properties"] if place == "" else SCHEMA_ROOT["$defs"][place]["properties"]
    return cast("dict[str, dict[str, object]]", found)[member]["default"]


def field_default(of: type, name: str) -> object:
    (field,) = (field for field in dataclasses.fields(of) if field.name == name)
    return field.default


def test_defaults_of_the_schema_are_those_of_the_values() -> None:
    assert default_of("", "seed") == SEED
    assert default_of("", "start") == START.isoformat().replace("+00:00", "Z")
    assert default_of("", "horizon") == f"{model.HORIZON.days}d"
    assert default_of("", "server") == model.Placement.HERE.value
    assert default_of("open_payment", "currency") == field_default(model.OpenPayment, "currency")
    assert default_of("pay", "returns") is field_default(model.ShopperVisit, "returns")
    proof = cast("model.ForgedProof", field_default(model.ForgeNotification, "proof"))
    assert default_of("forge_notification", "proof") == proof.value


def test_every_step_and_argument_is_described() -> None:
    steps = describe_steps()

    assert len(steps) == 19
    assert all(step.words and not step.words.endswith(".") for step in steps)
    assert all(argument.possible and argument.words for step in steps for argument in step.arguments)


def test_every_step_is_listed_with_its_arguments() -> None:
    lines = list(list_steps(describe_steps()))

    assert "advance: a duration such as 1h, 10m, 5s, 2d or 1h30m" in lines
    assert "pay" in lines
    assert "open_payment: …" in lines
    assert "      amount         an amount such as 1500.00 (needed)" in lines
    assert any(line.startswith("      returns     true or false (default true). Whether") for line in lines)


def test_every_step_and_every_fault_has_an_example_that_could_stand_in_a_file(tmp_path: Path) -> None:
    faults = [f"inject_fault: {{faults: [{fault.example}]}}" for fault in describe_faults()]
    for example in [*(step.example for step in describe_steps()), *faults]:
        tree = read_tree(write(tmp_path / "example.yaml", with_steps(example)))
        find_mistakes(tree)
        assert [str(mistake) for mistake in tree.mistakes] == [], example


def test_a_scenario_is_listed_with_name_place_tags_and_purpose(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", with_steps("quiesce", head=f"{HEAD}tags: [late]\nserver: own process\n"))

    assert list(list_scenarios(load([path]))) == [
        "A story",
        f"    {path}  [sslcommerz, late, server in a process of its own]",
        "    What it guards.",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
VERBS = st.sampled_from([step.verb for step in describe_steps()])


@given(
    steps=st.lists(st.dictionaries(VERBS, VALUES, max_size=2) | VALUES, max_size=3),
    rest=st.dictionaries(st.text(max_size=8), VALUES, max_size=2),
)
def test_whatever_a_file_holds_is_read_or_told_as_mistakes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object], rest: dict[str, object]
) -> None:
    told = {"version": 1, "name": "x", "description": "x", "gateway": "sslcommerz", "steps": steps, **rest}
    path = write(tmp_path_factory.getbasetemp() / "any.yaml", json.dumps(told))
    with suppress(LoadError):
        load([path])
