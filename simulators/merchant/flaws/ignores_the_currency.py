"""A shop that compares the number and not the currency."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class IgnoresTheCurrency(Decisions):
    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        price = self.floor.rows.order_of(payment).price
        return truth.gross is not None and truth.gross.amount_minor == price.amount_minor


FLAW = Flaw(
    name="ignores_the_currency",
    summary="compares the number and not the currency",
    cases=("B03",),
    source="GHSA-wm63-7627-ch33",
    decisions=IgnoresTheCurrency,
)
