"""Mistakes in scenario files: where, what was found, what was possible. All of a load are told at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake; `line` and `column` count from 1 and are 0 where the whole file is meant."""

    path: Path
    line: int
    column: int
    words: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else str(self.path)
        return f"{place}: {self.words}"


class LoadError(Exception):
    """Scenario files cannot be read as they stand. `str()` tells every mistake on a line of its own."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def nearest(found: str, possible: Iterable[str]) -> str:
    """Return "; did you mean `x`?" when something possible looks like what was found, else nothing."""
    by_small = {word.lower(): word for word in possible}
    close = difflib.get_close_matches(found.lower(), by_small, n=1, cutoff=0.65)
    return f"; did you mean `{by_small[close[0]]}`?" if close else ""
