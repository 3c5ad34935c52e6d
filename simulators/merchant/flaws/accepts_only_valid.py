"""A shop that takes VALID and refuses VALIDATED."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Truth


class AcceptsOnlyValid(Decisions):
    def accepts(self, truth: Truth) -> bool:
        return super().accepts(truth) and not truth.is_repeated


FLAW = Flaw(
    name="accepts_only_valid",
    summary="takes VALID and refuses VALIDATED",
    cases=("C06",),
    source="fact sheet 11 #2; WHMCS relies on the word",
    decisions=AcceptsOnlyValid,
)
