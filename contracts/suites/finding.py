"""A broken promise of a document as a value; the same one found again is counted, not told again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected of an operation, what was seen, and the command that shows it again, where there is one."""

    operation: str
    title: str
    expected: str
    seen: str
    curl: str
    times: int = 1
