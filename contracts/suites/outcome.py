"""What a run of a suite came to, as one value for every report, and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from contracts.suites.finding import Finding
from contracts.suites.suite import Suite
from contracts.suites.tally import OperationTally


class Verdict(Enum):
    """Whether the document is kept."""

    KEPT = "kept"
    BROKEN = "broken"
    INCONCLUSIVE = "could not tell"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`repeat` is the command that makes the run again; `notes` say what the run could not do."""

    subject: str
    seed: int
    repeat: str
    operations: Sequence[OperationTally]
    findings: Sequence[Finding]
    wall_seconds: float
    notes: Sequence[str] = ()

    @property
    def sent(self) -> int:
        return sum(one.sent for one in self.operations)

    @property
    def verdict(self) -> Verdict:
        """A run that never got past a door tells nothing about what is behind it."""
        if self.findings:
            return Verdict.BROKEN
        return Verdict.KEPT if any(one.successes for one in self.operations) else Verdict.INCONCLUSIVE

    @property
    def exit_code(self) -> int:
        return {Verdict.KEPT: 0, Verdict.BROKEN: 1, Verdict.INCONCLUSIVE: 2}[self.verdict]

    def of(self, operation: str) -> list[Finding]:
        """Return the findings of one operation."""
        return [one for one in self.findings if one.operation == operation]


def conclude(suite: Suite, *, subject: str, seed: int, repeat: str, wanted: int) -> Outcome:
    """Read what a suite has come to."""
    operations = tuple(suite.tally.operations.values())
    sent = suite.tally.sent
    notes = [f"{one.name} never answered with success" for one in operations if not one.successes]
    if sent < wanted:
        notes.append(f"{sent} requests of {wanted} wanted: the document gives no more that are new")
    return Outcome(subject, seed, repeat, operations, suite.findings, suite.wall_seconds, tuple(notes))
