"""The program that breaks a module: it says what no test noticed, and leaves the module as it was."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "mutants.py"
TILL = "def change(given, price):\n    if given < price:\n        raise ValueError\n    return given - price\n"


def told_of(shop: Path, looks: str) -> tuple[int, list[str]]:
    """Return the exit code and what was said of a till whose one test looks so."""
    (shop / "till.py").write_text(TILL)
    (shop / "test_till.py").write_text(f"import pytest\nimport till\n\n\ndef test_till():\n    {looks}\n")
    command = [sys.executable, PROGRAM, "till.py", "test_till.py", "--checkout", shop]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (shop / "till.py").read_text() == TILL
    return ended.returncode, (ended.stdout + ended.stderr).splitlines()


def test_what_no_test_notices_is_told_by_line(tmp_path: Path) -> None:
    assert told_of(tmp_path, "assert till.change(3, 2) == 1") == (
        0,
        ["unnoticed: till.py:2: compare otherwise", "1 of 2 breaks noticed, of 2 possible"],
    )


def test_tests_that_fail_by_themselves_are_no_measure(tmp_path: Path) -> None:
    assert told_of(tmp_path, "assert till.change(3, 2) == 2") == (2, ["mutants: the tests fail without any break"])
