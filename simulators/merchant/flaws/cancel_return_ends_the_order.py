"""A shop that anyone who posts to the cancel or fail return ends the order, and the IPN that follows is ignored."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Purpose, ReturnAct
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder, ShopPayment
from simulators.merchant.played.seam import Claim


class CancelReturnEndsTheOrder(Decisions):
    def on_return(self, kind: str, claim: Claim | None) -> ReturnAct:
        return ReturnAct.NOTHING if kind == "success" else ReturnAct.END

    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        if order.state in {OrderState.FAILED, OrderState.CANCELLED}:
            return Purpose.IGNORE
        return super().with_money(order, payment)


FLAW = Flaw(
    name="cancel_return_ends_the_order",
    summary="anyone who posts to the cancel or fail return ends the order, and the IPN that follows is ignored",
    cases=("A05",),
    source="SSLCommerz' Laravel sample: fail() and cancel() flip a pending order unchecked",
    decisions=CancelReturnEndsTheOrder,
)
