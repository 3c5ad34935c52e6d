"""The report on a terminal: one line per scenario, failures with their evidence. On a TTY the line at work is live.

Elsewhere it is plain text, one line per scenario, so that logs of CI stay readable.
"""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.live import Live
from rich.text import Text

from scenarios.durations import render_duration
from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded, ScenarioStarted, StepStarted
from scenarios.findings import Finding
from scenarios.reports.journals import JournalLine, journal_lines, lines_around
from scenarios.reports.words import offset, printable
from scenarios.verdicts import Verdict

_STYLES = {Verdict.KEPT: "green", Verdict.BROKEN: "bold red", Verdict.INCONCLUSIVE: "magenta"}
# As long as the longest verdict, so that names stand under each other.
_VERDICT_LETTERS = max(len(verdict.words) for verdict in Verdict)


class ConsoleReport:
    """Prints as the run goes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        # Without a thread of its own: a run on a virtual clock must not depend on one, and events come often enough.
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._ended: list[ScenarioEnded] = []

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._start(len(event.scenarios))
            case ScenarioStarted():
                self._show(event.scenario.name)
            case StepStarted():
                number = event.scenario.steps.index(event.step) + 1
                step = f"step {number} of {len(event.scenario.steps)}, {event.step.verb}"
                self._show(f"{event.scenario.name}  {step}  {offset(event.at, event.scenario.start)}")
            case ScenarioEnded():
                self._end_scenario(event)
            case RunEnded():
                self.close()
                self._sum_up(event.wall_seconds)
            case _:
                pass

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()

    def _start(self, count: int) -> None:
        self._print(Text(f"{count} scenario{'' if count == 1 else 's'}", style="dim"))
        if self._live is not None:
            self._live.start()

    def _show(self, words: str) -> None:
        if self._live is not None:
            self._live.update(Text(f"○ {words}", style="blue", no_wrap=True, overflow="ellipsis"), refresh=True)

    def _end_scenario(self, ended: ScenarioEnded) -> None:
        self._ended.append(ended)
        span = render_duration(ended.ended_at - ended.started_at)
        line = _verdict(ended.verdict).append(f"  {ended.scenario.name}", style="")
        self._print(line.append(f"  {span} virtual, {ended.wall_seconds:.2f} s wall", style="dim"))
        lines = journal_lines(ended)
        for finding in ended.findings:
            self._print_finding(ended, finding, lines)

    def _print_finding(self, ended: ScenarioEnded, finding: Finding, lines: Sequence[JournalLine]) -> None:
        self._print(Text(f"\n  {finding.title}", style="bold"))
        self._print(Text("  expected  ", style="dim").append(printable(finding.expected), style="green"))
        self._print(Text("  seen      ", style="dim").append(printable(finding.seen), style="red"))
        self._print(Text("  asked in  ", style="dim").append(f"{ended.scenario.source}:{finding.line}", style=""))
        self._print(Text("  repeat    ", style="dim").append(finding.repeat, style="cyan"))
        before, after = lines_around(lines, finding)
        if before or after:
            self._print(Text("\n  both journals around it", style="dim"))
            widths = _widths([*before, *after])
            for line in before:
                self._print(_journal_text(line, widths))
            self._print(Text("  ▲ here", style="bold red"))
            for line in after:
                self._print(_journal_text(line, widths))
        self._print(Text())

    def _sum_up(self, wall_seconds: float) -> None:
        verdicts = [ended.verdict for ended in self._ended]
        span = sum((ended.ended_at - ended.started_at for ended in self._ended), timedelta())
        line = Text("\n")
        for number, verdict in enumerate(Verdict):
            count = verdicts.count(verdict)
            line.append(", " if number else "").append(
                f"{count} {verdict.words}", style=_STYLES[verdict] if count else "dim"
            )
        self._print(line.append(f" · {render_duration(span)} virtual, {wall_seconds:.2f} s wall", style="dim"))

    def _print(self, words: Text) -> None:
        # A line that a log viewer or grep gets whole is worth more than one that fits a terminal that is not there.
        self._console.print(words, soft_wrap=self._live is None, highlight=False)


def _verdict(verdict: Verdict) -> Text:
    return Text(f"{verdict.mark} {verdict.words.ljust(_VERDICT_LETTERS)}", style=_STYLES[verdict])


def _widths(lines: Sequence[JournalLine]) -> tuple[int, ...]:
    rows = [_cells(line) for line in lines]
    return tuple(max(len(row[column]) for row in rows) for column in range(len(rows[0])))


def _cells(line: JournalLine) -> tuple[str, ...]:
    return line.when, line.side, line.who, line.what, line.outcome


def _journal_text(line: JournalLine, widths: tuple[int, ...]) -> Text:
    cells = [cell.ljust(width) for cell, width in zip(_cells(line), widths, strict=True)]
    words = Text(f"    {'  '.join(cells)}".rstrip())
    for fault in line.faults:
        words.append(f"  ⚡ {fault}", style="yellow")
    for change in line.changes:
        words.append(f"  {change}", style="bold")
    return words.append(f"  {line.note}", style="dim") if line.note else words
