"""A shop that takes any amount that is less than one unit off."""

from typing import Final

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth

# Of taka, dollars and every other currency with two decimals.
_ONE_UNIT_MINOR: Final = 100


class AllowsASlackOfOneUnit(Decisions):
    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        price, gross = self.floor.rows.order_of(payment).price, truth.gross
        if gross is None or gross.currency != price.currency:
            return False
        return abs(gross.amount_minor - price.amount_minor) < _ONE_UNIT_MINOR


FLAW = Flaw(
    name="allows_a_slack_of_one_unit",
    summary="takes any amount that is less than one unit off",
    cases=("B02",),
    source="SSLCommerz' PHP and Laravel samples: abs(difference) < 1",
    decisions=AllowsASlackOfOneUnit,
)
