"""The score card says the same on a terminal, as JSON, as JUnit and as a page."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from scenarios.conformance.model import Verdict
from scenarios.conformance.reports.console import ConsoleReport
from scenarios.conformance.reports.html_report import HtmlReport
from scenarios.conformance.reports.json_report import JsonReport
from scenarios.conformance.reports.junit_report import JunitReport
from scenarios.conformance.sink import Refused
from tests.scenarios.conformance.arranged import claimed, judged

RUN = (
    judged("A01", Verdict.KEPT, claimed(), claimed(is_control=True)),
    judged("A04", Verdict.BROKEN, claimed(holds=False, words="a <b>return</b> writes nothing")),
    judged("C02", Verdict.INCONCLUSIVE, claimed()),
    judged("E04", Verdict.NOT_APPLICABLE),
)


def test_the_console_tells_what_broke_how_to_repeat_it_and_the_figures_by_severity() -> None:
    lines: list[str] = []
    report = ConsoleReport(lines.append, merchant="a shop")

    for one in RUN:
        report.take(one)
    report.close()

    text = "\n".join(lines)
    assert "▲ A04 S0  broken" in text
    assert "expected  0 deliveries" in text
    assert "repeat it      gatewright conform shop.yaml --case A04 --seed 1" in text
    assert "◆ C02 inconclusive: why it is inconclusive" in text
    assert "S0       1       1               0               0" in text
    assert "S1       0       0               1               1" in text


def test_each_report_tells_once_that_the_sink_refused_the_shops_calls(tmp_path: Path) -> None:
    lines: list[str] = []
    refused = (Refused(422, "The keys differ"),)
    line = "your shop called the delivery sink 2 times, each refused 422: The keys differ"
    reports = (
        ConsoleReport(lines.append, merchant="a shop"),
        JsonReport(tmp_path / "verdicts.json"),
        HtmlReport(tmp_path / "card.html"),
    )

    for report in reports:
        for one in RUN[1:3]:
            report.take(replace(one, refused_by_sink=refused))
        report.close()

    assert lines.count(line) == 1
    assert json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))["refused_by_sink"] == line
    assert (tmp_path / "card.html").read_text(encoding="utf-8").count(line) == 1


def test_json_holds_every_claim_with_what_was_expected_and_seen(tmp_path: Path) -> None:
    report = JsonReport(tmp_path / "verdicts.json")
    for one in RUN:
        report.take(one)
    report.close()

    told = json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))
    assert [one["verdict"] for one in told["verdicts"]] == ["kept", "broken", "inconclusive", "not applicable"]
    assert told["verdicts"][1]["claims"][0]["seen"] == "2 deliveries"


def test_junit_counts_broken_as_failures_and_what_does_not_apply_as_skipped(tmp_path: Path) -> None:
    report = JunitReport(tmp_path / "verdicts.xml")
    for one in RUN:
        report.take(one)
    report.close()

    suite = ET.parse(tmp_path / "verdicts.xml").getroot()[0]  # noqa: S314  a file of our own
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]
    assert "repeat it: gatewright conform" in (suite[1][0].text or "")


def test_the_page_shows_each_verdict_and_escapes_what_a_shop_says(tmp_path: Path) -> None:
    report = HtmlReport(tmp_path / "card.html")
    for one in RUN:
        report.take(one)
    report.close()

    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert "1 of 4 broken" in page
    assert 'href="#case-A04"' in page
    assert "a &lt;b&gt;return&lt;/b&gt; writes nothing" in page
    assert "<b>return" not in page
    assert "gatewright conform shop.yaml --case A04 --seed 1" in page
