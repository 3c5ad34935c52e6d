"""A shop that compares store_amount, which is net of the gateway's fee."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class StoreAmountCompared(Decisions):
    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        return truth.net == self.floor.rows.order_of(payment).price


FLAW = Flaw(
    name="store_amount_compared",
    summary="compares store_amount, which is net of the gateway's fee",
    cases=("B06",),
    source="SSLCommerz-Python PR 1: amount 69, store_amount 67.28",
    decisions=StoreAmountCompared,
)
