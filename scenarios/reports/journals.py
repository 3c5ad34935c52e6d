"""Both journals as one list of lines, and the stretch of it around a finding. For terminals and for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scenarios.events import ScenarioEnded
from scenarios.exchanges import Direction, Exchange
from scenarios.findings import Finding
from scenarios.reports.words import change_words, exchange_words, offset, outcome_words, printable

LINES_BEFORE = 8
LINES_AFTER = 4


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One exchange as one side wrote it down; `when` is the offset of its start."""

    at: datetime
    place: int
    when: str
    side: str
    who: str
    what: str
    outcome: str
    faults: tuple[str, ...]
    changes: tuple[str, ...]
    note: str

    def __str__(self) -> str:
        marks = [*(f"⚡ {fault}" for fault in self.faults), *self.changes, self.note]
        told = [self.when, self.side, self.who, self.what, self.outcome, *marks]
        return "  ".join(word for word in told if word)


def journal_lines(ended: ScenarioEnded) -> tuple[JournalLine, ...]:
    """Write every exchange of both journals as a line."""
    return tuple(_line(exchange, ended.started_at) for exchange in ended.exchanges)


def lines_around(lines: Sequence[JournalLine], finding: Finding) -> tuple[Sequence[JournalLine], Sequence[JournalLine]]:
    """Return the lines that led to a finding, and a few of those that followed."""
    middle = sum(_is_before(line, finding) for line in lines)
    return lines[max(0, middle - LINES_BEFORE) : middle], lines[middle : middle + LINES_AFTER]


def _is_before(line: JournalLine, finding: Finding) -> bool:
    if finding.at is None or line.at < finding.at:
        return True
    return line.at == finding.at and (finding.place is None or line.place < finding.place)


def _line(exchange: Exchange, start: datetime) -> JournalLine:
    arrow = "→" if exchange.direction is Direction.OUT else "⇥"
    return JournalLine(
        at=exchange.at,
        place=exchange.order,
        when=offset(exchange.at, start),
        side=exchange.side.value,
        who=f"{exchange.sender.value} {arrow} {exchange.receiver.value}",
        what=printable(exchange_words(exchange)),
        outcome=outcome_words(exchange),
        faults=(*exchange.faults, *(["forged"] if exchange.forged else [])),
        changes=tuple(printable(change_words(change)) for change in exchange.changes),
        note=printable(exchange.note),
    )
