"""A shop that compares no amount at all."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class TakesAnyAmount(Decisions):
    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        price = self.floor.rows.order_of(payment).price
        return truth.gross is not None and truth.gross.currency == price.currency


FLAW = Flaw(
    name="takes_any_amount",
    summary="compares no amount at all",
    cases=("B01", "B02"),
    source="CVE-2026-9189, CVE-2019-14978",
    decisions=TakesAnyAmount,
)
