"""What tallies come to: how many, which share came about, how much money, how long it took. Pure rules on numbers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from reference_server.stats.store import GivenBack, Tally

K = TypeVar("K")


class Ending(Enum):
    """How far a payment is."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(slots=True)
class Volume:
    """Money of one currency, in minor units."""

    captured_minor: int = 0
    refunded_minor: int = 0


@dataclass(slots=True)
class Figures:
    """The sum of some tallies. Times are those of payments that are final, in milliseconds."""

    counts: dict[Ending, int] = field(default_factory=lambda: dict.fromkeys(Ending, 0))
    volume: dict[str, Volume] = field(default_factory=dict[str, Volume])
    taken_ms: int = 0
    taken_ms_least: int | None = None
    taken_ms_most: int | None = None

    @property
    def final(self) -> int:
        """How many payments have an end."""
        return self.counts[Ending.SUCCESS] + self.counts[Ending.FAILED]

    @property
    def success_rate(self) -> Decimal | None:
        """The share of the final ones that came about, to four digits; None while none is final."""
        return round(Decimal(self.counts[Ending.SUCCESS]) / self.final, 4) if self.final else None

    @property
    def taken_ms_mean(self) -> int:
        """How long a payment took to its end; 0 while none is final."""
        return self.taken_ms // max(1, self.final)

    def add(self, tally: Tally, ending: Ending) -> None:
        """Count a tally in."""
        self.counts[ending] += tally.payments
        self.volume.setdefault(tally.currency, Volume()).captured_minor += tally.captured_minor
        if ending is Ending.PENDING:
            return
        self.taken_ms += tally.taken_ms
        least, most = self.taken_ms_least, self.taken_ms_most
        self.taken_ms_least = tally.taken_ms_least if least is None else min(least, tally.taken_ms_least)
        self.taken_ms_most = tally.taken_ms_most if most is None else max(most, tally.taken_ms_most)

    def give_back(self, given: GivenBack) -> None:
        """Count refunds in."""
        self.volume.setdefault(given.currency, Volume()).refunded_minor += given.refunded_minor


def sum_up(
    tallies: Iterable[Tally],
    given_back: Iterable[GivenBack],
    *,
    key: Callable[[Tally | GivenBack], K],
    ending_of: Callable[[Tally], Ending],
) -> Mapping[K, Figures]:
    """Return the figures of each key, in the order of keys."""
    figures: dict[K, Figures] = {}
    for tally in tallies:
        figures.setdefault(key(tally), Figures()).add(tally, ending_of(tally))
    for given in given_back:
        figures.setdefault(key(given), Figures()).give_back(given)
    return figures
