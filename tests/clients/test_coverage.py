"""COVERAGE.md is true: the tests that it names exist, its versions are those that run, no operation is left out."""

import json
import re
from importlib.metadata import version
from pathlib import Path

from tests.clients.installed import NODE, PYTHON

ROOT = Path(__file__).resolve().parents[2]
GATEWAYS = ROOT / "contracts" / "gateways"
COVERAGE = (GATEWAYS / "COVERAGE.md").read_text("utf-8")


def test_every_test_that_it_names_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", COVERAGE))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_the_versions_are_those_that_the_tests_run() -> None:
    npm = json.loads((NODE / "package.json").read_text())["dependencies"]
    pypi = {name: version(name) for name in ("sslcommerz-lib", "sslcommerz-sdk")}
    pinned = re.search(r"^sslcommerz-python==(\S+)", (PYTHON / "sslcommerz_python.lock").read_text(), re.MULTILINE)
    assert pinned
    told = {
        *(f"| npm {name} | {found} |" for name, found in npm.items()),
        *(f"| PyPI {name} | {found} |" for name, found in pypi.items()),
        f"| PyPI sslcommerz-python | {pinned[1]} |",
    }

    assert [row for row in sorted(told) if row not in COVERAGE] == []


def test_every_operation_of_every_gateway_is_in_a_table() -> None:
    documents = sorted(GATEWAYS.glob("*/openapi.yaml"))
    named = {name for path in documents for name in operations_of(path)}

    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in COVERAGE] == []


def operations_of(document: Path) -> set[str]:
    return set(re.findall(r"^\s+operationId: (\w+)$", document.read_text("utf-8"), re.MULTILINE))
