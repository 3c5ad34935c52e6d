"""A scenario may say just what the simulators can do: faults and operations are the same words in both rooms."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from scenarios.durations import parse_duration
from scenarios.schema import SCHEMA
from simulators.faults import FAULTS
from simulators.faults.parameters import read_values

CONTRACTS = Path(__file__).parents[2] / "contracts"
DOCUMENTS = (
    CONTRACTS / "gateways" / "sslcommerz" / "openapi.yaml",
    CONTRACTS / "provisioning.yaml",
    CONTRACTS / "merchant.yaml",
)


def definitions() -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(SCHEMA.read_text("utf-8"))["$defs"])


def operations_of(document: Path) -> Iterator[dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = yaml.safe_load(document.read_text("utf-8"))["paths"]
    for item in paths.values():
        yield from (one for one in item.values() if "operationId" in one and "x-same-as" not in one)


def test_a_scenario_may_name_every_fault_and_no_other() -> None:
    written = {name: set(fault["properties"]) for name, fault in definitions()["fault"]["properties"].items()}
    played = {
        name: {setting.name.removesuffix("_seconds") for setting in fault.settings} for name, fault in FAULTS.items()
    }

    assert written == played


def settings_as_played() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each setting of each fault, its numbers and options as a schema would have them."""
    for fault in FAULTS.values():
        for setting in fault.settings:
            name = setting.name.removesuffix("_seconds")
            limits = {"minimum": setting.least, "maximum": setting.most, "maxLength": setting.most}
            told: dict[str, Any] = {"default": setting.default, "enum": list(setting.options) or None, **limits}
            is_needed = setting.default is None and not setting.may_be_absent
            yield fault.name, name, told | {"is_duration": name != setting.name, "is_needed": is_needed}


def test_settings_have_the_same_bounds_options_and_defaults_in_both_rooms() -> None:
    written = definitions()["fault"]["properties"]
    for fault, name, played in settings_as_played():
        schema = written[fault]["properties"][name]
        assert played["is_needed"] == (name in written[fault].get("required", [])), (fault, name)
        if played["is_duration"]:
            assert schema["$ref"] == "#/$defs/duration"
            default = schema.get("default")
            assert (parse_duration(default).total_seconds() if default else 0) == (played["default"] or 0)
            continue
        # What a text may be is a pattern there: its length says as much only where there is none.
        for word in schema.keys() & {"default", "enum", "minimum", "maximum", "maxLength"}:
            assert schema[word] == played[word], (fault, name, word)


def test_a_fault_may_stand_alone_where_it_needs_no_settings() -> None:
    played = [
        fault.name for fault in FAULTS.values() if read_values(fault, {}, pointer="")[1] == []
    ]  # fmt: skip

    assert definitions()["fault_name"]["enum"] == played


def test_a_scenario_may_name_every_operation_whose_answer_can_be_spoilt() -> None:
    operations = {operation["operationId"] for document in DOCUMENTS for operation in operations_of(document)}
    when = definitions()["inject_fault"]["properties"]["when"]["properties"]

    assert set(when["operation"]["enum"]) == operations
