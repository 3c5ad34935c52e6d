"""The ready workflow: read as GitHub reads it, and each of its commands run as it stands."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.wire.sides import API_KEY, API_SECRET, ROOT, standing

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "contracts/ci/gatewright.yml").read_text("utf-8"))
INSTALL = "python -m pip install gatewright"
STEPS = [
    (job, step)
    for job, members in WORKFLOW["jobs"].items()
    for step in members["steps"]
    if "run" in step and step["run"] != INSTALL
]


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does: bash that stops at the first error, `gatewright` on the path."""
    shim = folder / "bin" / "gatewright"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m gatewright "$@"\n', "utf-8")
    shim.chmod(0o755)
    path = f"{shim.parent}:/usr/local/bin:/usr/bin:/bin"
    given = {**WORKFLOW["env"], "PYTHONPATH": str(ROOT), "PATH": path, **environment}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
    return subprocess.run(shell, cwd=folder, env=given, capture_output=True, text=True, check=False)


def test_the_workflow_has_what_github_asks_of_it() -> None:
    # YAML 1.1 reads the word `on` as true; GitHub reads it as the word.
    assert {"name", True, "jobs"} <= set(WORKFLOW)
    assert all({"runs-on", "steps"} <= set(job) for job in WORKFLOW["jobs"].values())
    assert all(("run" in step) != ("uses" in step) for job in WORKFLOW["jobs"].values() for step in job["steps"])
    assert [job["steps"][2]["run"] for job in WORKFLOW["jobs"].values()] == [INSTALL, INSTALL]


@pytest.mark.parametrize("step", [step for job, step in STEPS if job == "own"], ids=lambda step: step["name"])
def test_a_step_that_starts_its_own_sides_is_green_and_leaves_its_reports(step: Any, tmp_path: Path) -> None:
    done = run(step["run"], tmp_path, CASES="1", MORE="--only /payment/init --only /validator --max-examples 2")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "● kept" in done.stdout
    reports = [word for word in step["run"].split() if word.startswith("contract-")]
    assert reports
    assert all((tmp_path / report).stat().st_size for report in reports)


def test_the_step_for_a_server_of_your_own_asks_there_and_is_green(tmp_path: Path) -> None:
    (command,) = [step["run"] for job, step in STEPS if job == "yours"]
    with standing() as sides:
        where = {"TARGET_URL": sides.urls["server"], "API_KEY": API_KEY, "API_SECRET": API_SECRET}
        done = run(command, tmp_path, CASES="1", MORE="--only /payment/init --max-examples 2", **where)

    assert done.returncode == 0, done.stdout + done.stderr
    reports = {path.suffix: path.read_text("utf-8") for path in tmp_path.glob("contract-yours.*")}
    assert set(reports) == {".html", ".xml", ".har"}
    assert not any(API_SECRET in text for text in (done.stdout, *reports.values()))
