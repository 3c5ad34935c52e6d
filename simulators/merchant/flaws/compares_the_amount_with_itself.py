"""A shop that compares the validated amount with the posted one, never with its order."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class ComparesTheAmountWithItself(Decisions):
    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        return claim.gross is None or truth.gross == claim.gross


FLAW = Flaw(
    name="compares_the_amount_with_itself",
    summary="compares the validated amount with the posted one, never with its order",
    cases=("B01", "B02"),
    source="SSLCommerz' Laravel and PHP samples",
    decisions=ComparesTheAmountWithItself,
)
