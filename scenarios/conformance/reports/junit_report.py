"""JUnit XML: a broken case is a failure, one that could not be told is an error, one that does not apply is skipped."""

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from scenarios.conformance.case import Judged
from scenarios.conformance.model import Verdict
from scenarios.reports.words import printable

_TAGS = {Verdict.BROKEN: "failure", Verdict.INCONCLUSIVE: "error", Verdict.NOT_APPLICABLE: "skipped"}


class JunitReport:
    """Gathers the run and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._judged: list[Judged] = []

    def take(self, judged: Judged) -> None:
        self._judged.append(judged)

    def close(self) -> None:
        verdicts = [one.verdict for one in self._judged]
        figures = {
            "name": "gatewright.conformance",
            "tests": str(len(verdicts)),
            "failures": str(verdicts.count(Verdict.BROKEN)),
            "errors": str(verdicts.count(Verdict.INCONCLUSIVE)),
            "skipped": str(verdicts.count(Verdict.NOT_APPLICABLE)),
            "time": f"{sum(one.wall_seconds for one in self._judged):.3f}",
        }
        suites = Element("testsuites")
        suite = SubElement(suites, "testsuite", figures)
        for judged in self._judged:
            _add(suite, judged)
        indent(suites)
        ElementTree(suites).write(self._path, encoding="utf-8", xml_declaration=True)


def _add(suite: Element, judged: Judged) -> None:
    named = {
        "classname": f"conformance.{judged.case.severity.name}",
        "name": printable(f"{judged.case.id} {judged.case.title}"),
        "time": f"{judged.wall_seconds:.3f}",
    }
    found = SubElement(suite, "testcase", named)
    tag = _TAGS.get(judged.verdict)
    if tag is None:
        return
    told = SubElement(found, tag, {"message": printable(judged.reason)})
    lines = [f"{one.words}\n  expected {one.expected}\n  seen     {one.seen}" for one in judged.broken]
    told.text = printable("\n".join([*lines, f"repeat it: {judged.repeat}"]))
