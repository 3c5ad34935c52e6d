"""A shop that believes any notification that says VALID: no hash, no validation call."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted


class ChecksNoProofAndTrustsTheStatus(Decisions):
    def belief(self, posted: Posted, claim: Claim) -> Belief:
        return Belief.AT_ITS_WORD


FLAW = Flaw(
    name="checks_no_proof_and_trusts_the_status",
    summary="believes any notification that says VALID: no hash, no validation call",
    cases=("A01", "A08"),
    source="SSLCommerz sample pages that trust the posted status; CVE-2026-0656",
    decisions=ChecksNoProofAndTrustsTheStatus,
)
