"""A shop that strips values before hashing, so a genuine one with blanks at its ends is refused (a poll heals it)."""

from collections.abc import Mapping

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Posted


class TrimsBeforeHashing(Decisions):
    def hashed_fields(self, posted: Posted) -> Mapping[str, str]:
        return {name: value.strip() for name, value in posted.fields.items()}


FLAW = Flaw(
    name="trims_before_hashing",
    summary="strips values before hashing, so a genuine one with blanks at its ends is refused (a poll heals it)",
    cases=("A03",),
    source="SSLCommerz-Python issue 1: signatures computed over trimmed values",
    decisions=TrimsBeforeHashing,
)
