"""What a case claims and concludes, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Severity(Enum):
    """How bad a broken case is; catalogue, section 0."""

    S0 = "an outsider takes goods or money at will"
    S1 = "money or goods lost by a race, a fault or bad luck"
    S2 = "state wrong but recoverable"


class Verdict(Enum):
    """What a case concludes about one merchant."""

    KEPT = "kept"
    BROKEN = "broken"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"

    @property
    def mark(self) -> str:
        """Return the shape that stands for the verdict beside its word and colour."""
        return {"kept": "●", "broken": "▲", "inconclusive": "◆", "not applicable": "○"}[self.value]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must be so, held against what was seen at `at`. A control proves that the case can be trusted."""

    words: str
    expected: str
    seen: str
    holds: bool
    at: datetime
    is_control: bool = False


class NotApplicable(Exception):
    """The case asks for something that this merchant has no such thing of."""


class CannotTell(Exception):
    """The case could not be carried out, so it says nothing about the merchant."""
