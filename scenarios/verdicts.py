"""What a scenario concludes, and the exit code that a run of them gives. The runner reaches it."""

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """Whether every expectation of a scenario was met."""

    KEPT = "kept"
    BROKEN = "broken"
    INCONCLUSIVE = "inconclusive"

    @property
    def words(self) -> str:
        """Return the verdict as a person says it."""
        return "could not tell" if self is Verdict.INCONCLUSIVE else self.value

    @property
    def mark(self) -> str:
        """Return the shape that stands for the verdict beside its word and colour."""
        return _MARKS[self]


_MARKS = {Verdict.KEPT: "●", Verdict.BROKEN: "▲", Verdict.INCONCLUSIVE: "◆"}


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 0 when all are kept, 1 when one is broken, 2 when one could not be told or nothing was judged."""
    seen = set(verdicts)
    if Verdict.BROKEN in seen:
        return 1
    return 0 if seen == {Verdict.KEPT} else 2
