"""A shop that hashes only fields that are not empty, so every genuine message is refused (a poll heals it)."""

from collections.abc import Mapping

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Posted


class DropsEmptyFields(Decisions):
    def hashed_fields(self, posted: Posted) -> Mapping[str, str]:
        return {name: value for name, value in posted.fields.items() if value}


FLAW = Flaw(
    name="drops_empty_fields",
    summary="hashes only fields that are not empty, so every genuine message is refused (a poll heals it)",
    cases=("A03", "A13"),
    source="parse_qs and Laravel drop blanks; fact sheet 11 #16",
    decisions=DropsEmptyFields,
)
