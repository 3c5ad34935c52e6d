"""What a case claims and concludes, as values."""

from collections.abc import Sequence
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


class Met(Enum):
    """How something that was due came about."""

    DONE = "done"
    # Whatever keeps a genuine payment from being taken explains it.
    LACKING = "lacking"
    # Too much, or something that must not be: no failing control explains it.
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must be so, held against what was seen at `at`. A control proves that the case can be trusted.

    `is_lacking`: it does not hold only because something due did not come about.
    """

    words: str
    expected: str
    seen: str
    holds: bool
    at: datetime
    is_control: bool = False
    is_lacking: bool = False


def list_accusing(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return what the merchant broke: what was forbidden and is, and what is lacking where the control holds."""
    controls = [claim.holds for claim in claims if claim.is_control]
    can_demand = bool(controls) and all(controls)
    failed = (claim for claim in claims if not claim.holds and not claim.is_control)
    return tuple(claim for claim in failed if can_demand or not claim.is_lacking)


class NotApplicable(Exception):
    """The case asks for something that this merchant has no such thing of."""


class CannotTell(Exception):
    """The case could not be carried out, so it says nothing about the merchant."""
