"""A shop that puts the posted val_id into the validator's URL as it came."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Asking, Claim


class PastesTheValIdIntoTheAddress(Decisions):
    def asking(self, claim: Claim) -> Asking:
        return Asking(claim.settlement, claim.reference, encodes=False)


FLAW = Flaw(
    name="pastes_the_val_id_into_the_address",
    summary="puts the posted val_id into the validator's URL as it came",
    cases=("A12",),
    source="CVE-2022-45835, CVE-2022-45362",
    decisions=PastesTheValIdIntoTheAddress,
)
