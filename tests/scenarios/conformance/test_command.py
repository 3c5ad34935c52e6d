"""`gatewright conform` as it is typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.conformance.cases import CASES
from scenarios.conformance.cli import app
from scenarios.conformance.command import exit_code
from scenarios.conformance.model import Verdict

K, B, U, N = Verdict.KEPT, Verdict.BROKEN, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("verdicts", "code"), [([K], 0), ([K, N], 0), ([K, B], 1), ([B, U], 1), ([K, U], 2), ([N], 2), ([], 2)]
)
def test_the_exit_code_says_broken_before_could_not_tell(verdicts: list[Verdict], code: int) -> None:
    assert exit_code(verdicts) == code


def test_a_flaw_is_accused_by_its_case_and_the_reports_are_written(tmp_path: Path) -> None:
    page = tmp_path / "card.html"

    told = CliRunner().invoke(
        app, ["--flaw", "fulfils_on_the_return", "--case", "A04", "--case", "a01", "--report", str(page)]
    )

    assert told.exit_code == 1
    assert "▲ A04 S0  broken" in told.output
    assert "● A01 S0  kept" in told.output
    assert "--flaw fulfils_on_the_return --case A04 --seed 1" in told.output
    assert "What went over the wire" in page.read_text(encoding="utf-8")
    assert "POST /shop/shop/return/success (forged) <em>(posted by the attacker)</em>" in page.read_text(
        encoding="utf-8"
    )
    assert "<em>(the genuine payment beside it)</em>" in page.read_text(encoding="utf-8")


def test_the_list_tells_every_case_with_its_source() -> None:
    told = CliRunner().invoke(app, ["--list"])

    assert told.exit_code == 0
    assert all(f"{case.id} {case.severity.name}  {case.title}" in told.output for case in CASES.values())


def test_a_profile_to_begin_with_is_written_once_and_never_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"

    first = CliRunner().invoke(app, ["--new-profile", str(path)])
    path.write_text("mine", encoding="utf-8")
    again = CliRunner().invoke(app, ["--new-profile", str(path)])
    nowhere = CliRunner().invoke(app, ["--new-profile", str(tmp_path / "no" / "shop.yaml")])

    assert (first.exit_code, again.exit_code, nowhere.exit_code) == (0, 2, 2)
    assert "is there already" in again.output
    assert path.read_text(encoding="utf-8") == "mine"


WRONG: list[tuple[list[str], str]] = [
    ([], "say whom to judge"),
    (["--played", "--server"], "say whom to judge"),
    (["--played", "--case", "A99"], "no case A99"),
    (["--flaw", "fulfils_on_return"], "did you mean `fulfils_on_the_return`?"),
    (["nowhere.yaml"], "cannot be read"),
]


@pytest.mark.parametrize(("words", "answer"), WRONG)
def test_a_wrong_word_is_refused_with_what_would_be_right(words: list[str], answer: str) -> None:
    told = CliRunner().invoke(app, words)

    assert told.exit_code == 2
    assert answer in told.output
