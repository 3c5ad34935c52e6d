"""What `gatewright new` writes is a scenario, under a file name that follows from what happens."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.loader import load
from scenarios.starter import file_name, starter, why_no_name
from tests.scenarios.files import write


@pytest.mark.parametrize("name", ["The IPN is late", 'Quotes " and: colons #1', "বিকাশ 2 times"])
def test_what_is_written_is_a_scenario_of_that_name(tmp_path: Path, name: str) -> None:
    (scenario,) = load([write(tmp_path / "new.yaml", starter(name))])

    assert scenario.name == name


@pytest.mark.parametrize(
    ("name", "file"),
    [("The IPN is late", "the_ipn_is_late.yaml"), ("Off by 0.01!", "off_by_0_01.yaml"), ("../../etc", "etc.yaml")],
)
def test_the_file_is_named_after_what_happens(name: str, file: str) -> None:
    assert file_name(name) == file


@pytest.mark.parametrize("name", ["", "  ", "…", "two\nlines", "x" * 121])
def test_a_name_that_no_file_or_report_can_carry_is_refused(name: str) -> None:
    assert why_no_name(name)


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    first = CliRunner().invoke(app, ["new", "A story", "--in", str(tmp_path)])
    before = (tmp_path / "a_story.yaml").read_text("utf-8")
    second = CliRunner().invoke(app, ["new", "A story", "--in", str(tmp_path)])

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert "is there already" in second.output
    assert (tmp_path / "a_story.yaml").read_text("utf-8") == before
