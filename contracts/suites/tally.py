"""What came of a run, by operation: how many requests, which answers, how slow the slowest."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class OperationTally:
    """Of one operation. `successes` are answers with 2xx and 3xx that were not meant as refusals."""

    name: str
    sent: int = 0
    successes: int = 0
    slowest_seconds: float = 0.0
    by_status: Counter[int] = field(default_factory=Counter[int])


@dataclass(slots=True)
class Tally:
    """Of all operations of a document, in the document's order."""

    operations: dict[str, OperationTally]

    @classmethod
    def of(cls, names: list[str]) -> "Tally":
        return cls({name: OperationTally(name) for name in names})

    @property
    def sent(self) -> int:
        return sum(one.sent for one in self.operations.values())

    def add(self, name: str, status: int, *, success: bool, elapsed_seconds: float) -> None:
        one = self.operations.setdefault(name, OperationTally(name))
        one.sent += 1
        one.successes += success
        one.slowest_seconds = max(one.slowest_seconds, elapsed_seconds)
        one.by_status[status] += 1
