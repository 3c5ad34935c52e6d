"""`gatewright contract` as a user meets it: what it refuses before it starts anything."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.cli import app

REFUSED = [
    (["server", "--url", "sslcommerz=http://127.0.0.1:9101"], "--url server=… is missing"),
    (["server", "--url", "nobody=http://127.0.0.1:1"], "write NAME=http://HOST:PORT"),
    (["server", "--url", "server"], "write NAME=http://HOST:PORT"),
    (["server", "--url", "server=http://127.0.0.1:9"], "is it up?"),
    (["server", "--header", "X-Api-Key: k"], "say where by --url"),
    (["server", "--url", "server=http://127.0.0.1:9", "--header", "X-Api-Key"], "write 'NAME: VALUE'"),
    (
        ["server", "--url", "server=http://127.0.0.1:9", "--header", "a: b", "--only", "GET /nobody"],
        "no such operation",
    ),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_cannot_be_told_ends_with_2_and_says_why(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["contract", *arguments])

    assert done.exit_code == 2
    assert words in done.output


def test_a_report_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["contract", "server", "--report", str(tmp_path)])

    assert done.exit_code == 2
    assert "cannot be written" in done.output
