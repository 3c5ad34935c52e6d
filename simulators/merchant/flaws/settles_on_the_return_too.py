"""A shop that the return validates and settles without looking whether the IPN is at it."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.decisions import ReturnAct
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim


class SettlesOnTheReturnToo(DeliversPerSettling):
    def on_return(self, kind: str, claim: Claim | None) -> ReturnAct:
        return ReturnAct.SETTLE if kind == "success" else ReturnAct.NOTHING

    def is_settled_meanwhile(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return False


FLAW = Flaw(
    name="settles_on_the_return_too",
    summary="the return validates and settles without looking whether the IPN is at it",
    cases=("E01",),
    source="razorpay-woocommerce#167, razorpay-magento#208",
    decisions=SettlesOnTheReturnToo,
)
