"""The score card on a terminal: a line as each case ends, what broke with the way to see it again, figures last."""

from collections.abc import Callable

from scenarios.conformance.case import Judged
from scenarios.conformance.model import Severity, Verdict
from scenarios.conformance.sink import tell_refused
from scenarios.conformance.words import counted


class ConsoleReport:
    """Prints with `echo`."""

    def __init__(self, echo: Callable[[str], None], *, merchant: str) -> None:
        self._echo = echo
        self._judged: list[Judged] = []
        self._echo(f"Judging {merchant}.")

    def take(self, judged: Judged) -> None:
        self._judged.append(judged)
        mark, word = judged.verdict.mark, judged.verdict.value
        took = f"{judged.wall_seconds * 1000:.0f} ms"
        self._echo(f"{mark} {judged.case.id} {judged.case.severity.name}  {word:<14}  {judged.case.title}  ({took})")

    def close(self) -> None:
        for judged in self._judged:
            if judged.verdict is Verdict.BROKEN:
                self._tell_broken(judged)
        for judged in self._judged:
            if judged.verdict in {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}:
                self._echo(f"{judged.verdict.mark} {judged.case.id} {judged.verdict.value}: {judged.reason}")
        self._echo("")
        refused = tell_refused(one for judged in self._judged for one in judged.refused_by_sink)
        if refused:
            self._echo(refused)
        for line in score_card(self._judged):
            self._echo(line)

    def _tell_broken(self, judged: Judged) -> None:
        case = judged.case
        self._echo("")
        self._echo(f"{judged.verdict.mark} {case.id} {case.title}: {case.severity.value} ({case.severity.name})")
        self._echo(f"  what was done  {case.does}")
        self._echo(f"  what is right  {case.right}")
        for claim in judged.broken:
            self._echo(f"  {claim.words}")
            self._echo(f"    expected  {claim.expected}")
            self._echo(f"    seen      {claim.seen}")
        self._echo(f"  seen elsewhere {case.source}")
        self._echo(f"  repeat it      {judged.repeat}")


def score_card(judged: list[Judged]) -> list[str]:
    """Return the figures by severity, worst first."""
    lines = [f"{'':<4}{'kept':>6}{'broken':>8}{'could not tell':>16}{'not applicable':>16}"]
    for severity in Severity:
        found = [one.verdict for one in judged if one.case.severity is severity]
        if found:
            counts = (found.count(one) for one in _ORDER)
            lines.append(f"{severity.name:<4}" + "".join(f"{n:>{w}}" for n, w in zip(counts, _WIDTHS, strict=True)))
    total = sum(one.wall_seconds for one in judged)
    mean = total / len(judged) * 1000 if judged else 0
    lines.append(f"{counted(len(judged), 'case')} in {total:.1f} s, {mean:.0f} ms a case")
    return lines


_ORDER = (Verdict.KEPT, Verdict.BROKEN, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
_WIDTHS = (6, 8, 16, 16)
