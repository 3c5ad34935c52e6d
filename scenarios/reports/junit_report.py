"""JUnit XML as CI systems read it: a broken scenario is a failure, one that could not be told is an error."""

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from scenarios.events import Event, RunEnded, ScenarioEnded
from scenarios.findings import Finding
from scenarios.reports.journals import journal_lines, lines_around
from scenarios.reports.words import printable
from scenarios.verdicts import Verdict

_TAGS = {Verdict.BROKEN: "failure", Verdict.INCONCLUSIVE: "error"}


class JunitReport:
    """Gathers the run and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended: list[ScenarioEnded] = []
        self._wall_seconds = 0.0

    def take(self, event: Event) -> None:
        match event:
            case ScenarioEnded():
                self._ended.append(event)
            case RunEnded():
                self._wall_seconds = event.wall_seconds
            case _:
                pass

    def close(self) -> None:
        verdicts = [ended.verdict for ended in self._ended]
        figures = {
            "name": "gatewright",
            "tests": str(len(verdicts)),
            "failures": str(verdicts.count(Verdict.BROKEN)),
            "errors": str(verdicts.count(Verdict.INCONCLUSIVE)),
            "time": f"{self._wall_seconds:.3f}",
        }
        suites = Element("testsuites", figures)
        suite = SubElement(suites, "testsuite", {**figures, "name": "gatewright.scenarios", "skipped": "0"})
        for ended in self._ended:
            _add_case(suite, ended)
        indent(suites)
        ElementTree(suites).write(self._path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: Element, ended: ScenarioEnded) -> None:
    source = ended.scenario.source.with_suffix("").as_posix().strip("/")
    case = SubElement(
        suite,
        "testcase",
        {
            "classname": printable(source.replace("/", ".")),
            "name": printable(ended.scenario.name),
            "time": f"{ended.wall_seconds:.3f}",
        },
    )
    tag = _TAGS.get(ended.verdict)
    if tag is None:
        return
    # Readers show one failure of a case: the first is its message, all are its text.
    message = ended.findings[0].title if ended.findings else ended.verdict.words
    broken = SubElement(case, tag, {"message": printable(message), "type": ended.verdict.value})
    broken.text = "\n\n".join(_words(ended, finding) for finding in ended.findings)


def _words(ended: ScenarioEnded, finding: Finding) -> str:
    before, after = lines_around(journal_lines(ended), finding)
    lines = [
        finding.title,
        f"expected: {finding.expected}",
        f"seen: {finding.seen}",
        f"at: {ended.scenario.source.as_posix()}:{finding.line}",
        f"repeat: {finding.repeat}",
        *(str(line) for line in before),
        "-- here --",
        *(str(line) for line in after),
    ]
    return printable("\n".join(lines))
