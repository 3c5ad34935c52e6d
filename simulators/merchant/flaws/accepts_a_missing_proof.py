"""A shop that refuses a wrong verify_sign, but takes a message without one at its word."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted


class AcceptsAMissingProof(Decisions):
    def belief(self, posted: Posted, claim: Claim) -> Belief:
        if not self.floor.adapter.carries_proof(posted.fields):
            return Belief.AT_ITS_WORD
        return super().belief(posted, claim)


FLAW = Flaw(
    name="accepts_a_missing_proof",
    summary="refuses a wrong verify_sign, but takes a message without one at its word",
    cases=("A01",),
    source="CVE-2026-1305: the check returned true when the header was absent",
    decisions=AcceptsAMissingProof,
)
