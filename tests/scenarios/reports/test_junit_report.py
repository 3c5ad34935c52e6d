"""JUnit XML as the common readers want it."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from scenarios.events import ScenarioEnded
from scenarios.reports.junit_report import JunitReport
from tests.scenarios.reports.run import feed, three_ends
from tests.scenarios.told import a_scenario


def written(tmp_path: Path, *ends: ScenarioEnded) -> ET.Element:
    path = tmp_path / "junit.xml"
    feed(JunitReport(path), ends=ends or three_ends())
    return ET.parse(path).getroot()  # noqa: S314  our own text, and parsing it is the test


def test_counts_stand_on_suites_and_suite_and_agree_with_the_cases(tmp_path: Path) -> None:
    suites = written(tmp_path)
    (suite,) = suites

    for node in (suites, suite):
        figures = {name: node.get(name) for name in ("tests", "failures", "errors", "time")}
        assert figures == {"tests": "3", "failures": "1", "errors": "1", "time": "1.500"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]


def test_a_case_has_class_name_and_time(tmp_path: Path) -> None:
    ((case, *_),) = written(tmp_path)

    assert case.attrib == {"classname": "library.good", "name": "The good story", "time": "0.250"}


def test_a_failure_carries_expected_seen_repeat_and_both_journals(tmp_path: Path) -> None:
    failure = next(written(tmp_path).iter("failure"))

    assert failure.get("message") == "the order is provisioned once"
    lines = (failure.text or "").splitlines()
    assert lines[:5] == [
        "the order is provisioned once",
        "expected: exactly 1",
        "seen: 2 <b>effects</b> & a \\x00",
        "at: library/bad.yaml:7",
        "repeat: gatewright run --seed 1 library/late.yaml",
    ]
    assert "-- here --" in lines
    assert any("simulators  gateway → server  ipn" in line for line in lines)


def test_names_that_xml_cannot_hold_are_escaped(tmp_path: Path) -> None:
    end, *_ = three_ends()

    ((case,),) = written(tmp_path, replace(end, scenario=a_scenario(name="a\x00b")))

    assert case.get("name") == "a\\x00b"
