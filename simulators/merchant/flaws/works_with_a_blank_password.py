"""A shop that starts without a store password, and believes what is signed with an empty one."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted


class WorksWithABlankPassword(Decisions):
    def is_ready(self) -> bool:
        return True

    def belief(self, posted: Posted, claim: Claim) -> Belief:
        if not self.floor.adapter.is_blank(self.floor.keys):
            return super().belief(posted, claim)
        return Belief.AT_ITS_WORD if self.is_proven(posted, claim) else Belief.REFUSE


FLAW = Flaw(
    name="works_with_a_blank_password",
    summary="starts without a store password, and believes what is signed with an empty one",
    cases=("A02",),
    source="CVE-2026-103308, CVE-2026-103298, CVE-2026-103324",
    decisions=WorksWithABlankPassword,
)
