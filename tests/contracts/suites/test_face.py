"""The same suite as other people start it: from pytest by the documented import, and by plain Schemathesis."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from contracts.suites import open_schema
from contracts.suites.network import Network
from tests.contracts.suites.broken import served
from tests.wire.sides import ROOT

# As a user's own tests read; `SIDE` is where the server is.
A_USERS_TESTS = """
import pytest
from contracts.suites import hold, list_operations, open_schema

@pytest.fixture(scope="session")
def api():
    with open_schema("server", url="SIDE") as schema:
        yield schema

@pytest.mark.parametrize("name", [name for name in list_operations("server") if name.endswith("/api/v1/payments")])
def test_every_operation_keeps_to_the_document(api, name):
    hold(api, name, max_examples=15)
"""


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": str(Path(sys.executable).parent), "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([*command], cwd=folder, env=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def side() -> Generator[str]:
    """Serve the server as it is."""
    with served("none") as url:
        yield url


def under_pytest(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "test_api.py").write_text(A_USERS_TESTS.replace("SIDE", url), "utf-8")
    return run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_api.py", folder=folder)


def test_a_users_own_tests_pass_against_the_server(side: str, tmp_path: Path) -> None:
    done = under_pytest(side, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_users_own_tests_find_what_is_broken(tmp_path: Path) -> None:
    with served("tells sums in major units") as url:
        done = under_pytest(url, tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "is not of type" in done.stdout


def test_a_schema_opened_in_a_test_has_credentials_of_its_own(side: str) -> None:
    with open_schema("server", url=side) as schema:
        answers = [a_case(schema).call().status_code for _ in range(5)]

    # One of five goes as a stranger.
    assert sorted(answers) == [200, 200, 200, 200, 401]


def a_case(schema: Any) -> Any:
    return schema["/api/v1/payments"]["GET"].Case()


def test_plain_schemathesis_is_green_with_nothing_but_the_header_options(side: str, tmp_path: Path) -> None:
    key, secret = open_merchant(side)
    options = ["--header", f"X-Api-Key: {key}", "--header", f"X-Api-Secret: {secret}"]
    few = ["--include-path-regex", "^/api/v1/(orders|refunds)", "--max-examples", "3", "--seed", "1"]
    command = ["schemathesis", "run", str(ROOT / "openapi.yaml"), "--url", side, *options, *few]
    done = run(*command, "--exclude-checks", "positive_data_acceptance", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr


def open_merchant(side: str) -> tuple[str, str]:
    network = Network()
    told = network.post(f"{side}/api/v1/merchants", {"email": "plain@shop.example"})
    network.close()
    return told["api_key"], told["api_secret"]
