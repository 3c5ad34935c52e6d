"""A shop that gives the money back when one delivery call fails, and tries again all the same."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class RefundsAtTheFirstFailedDelivery(Decisions):
    def refunds_failed_delivery(self) -> bool:
        return True


FLAW = Flaw(
    name="refunds_at_the_first_failed_delivery",
    summary="gives the money back when one delivery call fails, and tries again all the same",
    cases=("E05",),
    source="medusa#13301",
    decisions=RefundsAtTheFirstFailedDelivery,
)
