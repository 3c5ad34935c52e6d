"""A shop that when the answer to the create call is lost, opens another session and forgets the first."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, LostSession


class CreatesASecondSessionBlind(Decisions):
    def on_lost_session(self) -> LostSession:
        return LostSession.OPEN_ANOTHER


FLAW = Flaw(
    name="creates_a_second_session_blind",
    summary="when the answer to the create call is lost, opens another session and forgets the first",
    cases=("F01",),
    source="Razorpay BP-07",
    decisions=CreatesASecondSessionBlind,
)
