"""An outcome as text for a terminal, and as JUnit XML for CI."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from contracts.suites.finding import Finding
from contracts.suites.outcome import Outcome, Verdict
from contracts.suites.tally import OperationTally

MARKS = {Verdict.KEPT: "●", Verdict.BROKEN: "▲", Verdict.INCONCLUSIVE: "◆"}
# More of a command than this nobody copies from a terminal.
COMMAND_MAX = 2_000
# What XML 1.0 allows in no spelling (its clause 2.2), and the controls that move a terminal's cursor.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Write control characters, and half a surrogate pair, as escapes."""
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def statuses(one: OperationTally) -> str:
    """Write "200 × 35, 404 × 2", the most frequent first."""
    return ", ".join(f"{status} × {count}" for status, count in one.by_status.most_common())


def lines(outcome: Outcome) -> Iterator[str]:
    """Write an outcome for a terminal: operations, notes, findings, verdict."""
    width = max((len(one.name) for one in outcome.operations), default=0)
    for one in outcome.operations:
        figures = f"{one.sent:>6} sent  {one.successes:>6} successes  {one.slowest_seconds * 1000:>6.0f} ms at most"
        yield f"  {one.name.ljust(width)}  {figures}  {statuses(one)}"
    for note in outcome.notes:
        yield f"  note: {note}"
    for finding in outcome.findings:
        yield ""
        yield from _told(finding)
    rate = outcome.sent / outcome.wall_seconds if outcome.wall_seconds else 0.0
    yield ""
    count = f"{len(outcome.findings)} finding{'' if len(outcome.findings) == 1 else 's'}"
    took = f"{outcome.sent} requests in {outcome.wall_seconds:.1f} s ({rate:.0f} a second)"
    yield f"{MARKS[outcome.verdict]} {outcome.verdict.value}  {outcome.subject}: {count}, {took}, seed {outcome.seed}"
    if outcome.verdict is not Verdict.KEPT:
        yield f"  repeat  {outcome.repeat}"


def _told(finding: Finding) -> Iterator[str]:
    times = f" ({finding.times} times)" if finding.times > 1 else ""
    yield f"▲ {finding.operation}: {printable(finding.title)}{times}"
    yield f"  expected  {printable(finding.expected)}"
    yield from (f"  {'seen' if not number else '':<8}  {line}" for number, line in _numbered(finding.seen))
    if finding.curl:
        yield f"  again     {_shortened(printable(finding.curl))}"


def _shortened(command: str) -> str:
    """A command with a body of a few hundred thousand characters is of no use to who reads it; the HAR has it whole."""
    if len(command) <= COMMAND_MAX:
        return command
    return f"{command[:COMMAND_MAX]} … ({len(command)} characters; --har FILE keeps the request whole)"


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(line for line in printable(text).split("\n") if line.strip())


def write_junit(outcome: Outcome, path: Path) -> None:
    """Write an operation as a case; its findings are its failure."""
    broken = {finding.operation for finding in outcome.findings}
    names = list(dict.fromkeys([*(one.name for one in outcome.operations), *broken]))
    figures = {"tests": str(len(names)), "failures": str(len(broken)), "time": f"{outcome.wall_seconds:.3f}"}
    suites = Element("testsuites", {"name": "gatewright contract", **figures})
    suite = SubElement(suites, "testsuite", {"name": f"gatewright.contract.{outcome.subject}", **figures})
    for name in names:
        case = SubElement(suite, "testcase", {"classname": f"contract.{outcome.subject}", "name": printable(name)})
        if name in broken:
            findings = outcome.of(name)
            failure = SubElement(case, "failure", {"message": printable(findings[0].title), "type": "broken"})
            told = ["\n".join(_told(finding)) for finding in findings]
            failure.text = printable("\n\n".join([*told, f"repeat: {outcome.repeat}"]))
    indent(suites)
    ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)
