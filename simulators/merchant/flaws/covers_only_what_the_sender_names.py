"""A shop that believes what verify_key leaves out, and of a repeated field hashes the first and reads the last."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted


class CoversOnlyWhatTheSenderNames(Decisions):
    def reads(self, posted: Posted) -> bool:
        return True

    def is_proven(self, posted: Posted, claim: Claim) -> bool:
        return self.floor.adapter.is_proven(posted.firsts, self.keys_for(claim), insists=False)

    def belief(self, posted: Posted, claim: Claim) -> Belief:
        return Belief.AT_ITS_WORD if self.is_proven(posted, claim) else Belief.REFUSE


FLAW = Flaw(
    name="covers_only_what_the_sender_names",
    summary="believes what verify_key leaves out, and of a repeated field hashes the first and reads the last",
    cases=("A11",),
    source="the vendor's sample builds the string from the sender's own list",
    decisions=CoversOnlyWhatTheSenderNames,
)
