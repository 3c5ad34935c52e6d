"""What a run came to, as verdict, exit code, terminal, JUnit and page."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from contracts.suites.finding import Finding
from contracts.suites.outcome import Outcome
from contracts.suites.page import write_page
from contracts.suites.tally import OperationTally
from contracts.suites.words import lines, write_junit

FINDING = Finding("POST /things", "a server error", "below 500", "500 <b>\x00</b>", "curl -X POST", times=3)


def an_outcome(*findings: Finding, successes: int = 30) -> Outcome:
    made = OperationTally("POST /things", 40, successes, 0.012, Counter({201: successes, 400: 40 - successes}))
    command = "gatewright contract counter --seed 1 --cases 40"
    return Outcome("counter", 1, command, (made,), findings, 2.0, ("one note",))


@pytest.mark.parametrize(
    ("outcome", "code", "verdict"),
    [
        (an_outcome(), 0, "● kept"),
        (an_outcome(FINDING), 1, "▲ broken"),
        (an_outcome(successes=0), 2, "◆ could not tell"),
    ],
)
def test_verdict_and_exit_code_follow_from_what_was_found(outcome: Outcome, code: int, verdict: str) -> None:
    assert outcome.exit_code == code
    assert any(line.startswith(verdict) for line in lines(outcome))


def test_the_terminal_tells_counts_statuses_findings_and_how_to_repeat() -> None:
    told = "\n".join(lines(an_outcome(FINDING)))

    assert "40 sent      30 successes" in told
    assert "201 × 30, 400 × 10" in told
    assert "a server error (3 times)" in told
    assert "again     curl -X POST" in told
    assert "repeat  gatewright contract counter --seed 1 --cases 40" in told
    assert "\x00" not in told


def test_a_request_that_fills_many_screens_is_shown_by_its_beginning() -> None:
    huge = Finding("POST /things", "a server error", "below 500", "500", f"curl -d '{'x' * 300_000}'")
    told = "\n".join(lines(an_outcome(huge)))

    assert len(told) < 5_000
    assert "curl -d 'xxx" in told
    assert "--har FILE" in told


def test_junit_has_a_case_for_each_operation_and_fails_the_broken_one(tmp_path: Path) -> None:
    write_junit(an_outcome(FINDING), tmp_path / "junit.xml")

    suite = ET.fromstring((tmp_path / "junit.xml").read_text("utf-8"))[0]  # noqa: S314  written by us just now
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "a server error"
    assert "curl -X POST" in (failure.text or "")


def test_the_page_escapes_what_came_over_the_wire(tmp_path: Path) -> None:
    write_page(an_outcome(FINDING), tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text("utf-8")
    assert "500 &lt;b&gt;" in page
    assert "<script" not in page
    assert "://" not in page
