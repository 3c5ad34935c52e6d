"""A shop that delivers when the browser comes back to success with status VALID."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, ReturnAct
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class FulfilsOnTheReturn(Decisions):
    def on_return(self, kind: str, claim: Claim | None) -> ReturnAct:
        return ReturnAct.BELIEVE if kind == "success" else ReturnAct.NOTHING

    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        return truth.gross is None or super().is_sum_right(payment, claim, truth)


FLAW = Flaw(
    name="fulfils_on_the_return",
    summary="delivers when the browser comes back to success with status VALID",
    cases=("A04",),
    source="CVE-2025-12883; SSLCommerz' Laravel sample writes the order in its success handler",
    decisions=FulfilsOnTheReturn,
)
