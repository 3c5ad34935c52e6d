"""A shop that compares each refund with what was paid, not their sum."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopOrder, ShopPayment, ShopRefund


class RefundsAreNotSummed(Decisions):
    def refunds_that_count(self, order: ShopOrder, payment: ShopPayment) -> list[ShopRefund]:
        return []


FLAW = Flaw(
    name="refunds_are_not_summed",
    summary="compares each refund with what was paid, not their sum",
    cases=("E04",),
    source="hyperswitch#13182",
    decisions=RefundsAreNotSummed,
)
