"""A shop that proves and validates with the store that the message names, which may be somebody else's."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Claim, Keys


class TakesAnyStoreItKnows(Decisions):
    def keys_for(self, claim: Claim) -> Keys:
        return self.floor.find_store(claim.store) or super().keys_for(claim)

    def is_our_store(self, claim: Claim) -> bool:
        return True


FLAW = Flaw(
    name="takes_any_store_it_knows",
    summary="proves and validates with the store that the message names, which may be somebody else's",
    cases=("A07",),
    source="CVE-2026-104641, CVE-2026-92400",
    decisions=TakesAnyStoreItKnows,
)
