"""What judging says, written for people and for machines: each report takes verdicts one by one and closes once."""

from typing import Protocol

from scenarios.conformance.case import Judged


class Report(Protocol):
    """Takes each verdict as it comes."""

    def take(self, judged: Judged) -> None:
        """Take one verdict."""
        ...

    def close(self) -> None:
        """Finish."""
        ...
