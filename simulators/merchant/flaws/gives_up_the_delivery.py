"""A shop that calls the delivery once; when that fails, nobody delivers and nobody is told."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class GivesUpTheDelivery(Decisions):
    def delivers_again(self) -> bool:
        return False


FLAW = Flaw(
    name="gives_up_the_delivery",
    summary="calls the delivery once; when that fails, nobody delivers and nobody is told",
    cases=("F07",),
    source="Yuan et al. 2014",
    decisions=GivesUpTheDelivery,
)
