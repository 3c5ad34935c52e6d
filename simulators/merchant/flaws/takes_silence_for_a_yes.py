"""A shop that a validator that cannot be asked or read means the posted status is right."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Silence


class TakesSilenceForAYes(Decisions):
    def on_silence(self) -> Silence:
        return Silence.BELIEVE


FLAW = Flaw(
    name="takes_silence_for_a_yes",
    summary="a validator that cannot be asked or read means the posted status is right",
    cases=("F02",),
    source="Yuan et al. 2014",
    decisions=TakesSilenceForAYes,
)
