"""A scenario may say just what the simulators can do: faults and operations are the same words in both rooms."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from scenarios.schema import SCHEMA
from simulators.faults import FAULTS

CONTRACTS = Path(__file__).parents[2] / "contracts"
DOCUMENTS = (CONTRACTS / "gateways" / "sslcommerz" / "openapi.yaml", CONTRACTS / "provisioning.yaml")


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


def test_a_scenario_may_name_every_operation_whose_answer_can_be_spoilt() -> None:
    operations = {operation["operationId"] for document in DOCUMENTS for operation in operations_of(document)}
    when = definitions()["inject_fault"]["properties"]["when"]["properties"]

    assert set(when["operation"]["enum"]) == operations
