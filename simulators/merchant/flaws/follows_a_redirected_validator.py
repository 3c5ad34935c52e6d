"""A shop that follows the validator's redirect wherever it leads and believes what it finds there."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Asking, Claim


class FollowsARedirectedValidator(Decisions):
    def asking(self, claim: Claim) -> Asking:
        return Asking(claim.settlement, claim.reference, follows_redirects=True)


FLAW = Flaw(
    name="follows_a_redirected_validator",
    summary="follows the validator's redirect wherever it leads and believes what it finds there",
    cases=("A12",),
    source="CVE-2026-16947",
    decisions=FollowsARedirectedValidator,
)
