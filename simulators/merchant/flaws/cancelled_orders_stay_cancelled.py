"""A shop that an order that the shopper cancelled stays so; money that comes later is kept."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Purpose
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder, ShopPayment


class CancelledOrdersStayCancelled(Decisions):
    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        return Purpose.IGNORE if order.state is OrderState.CANCELLED else super().with_money(order, payment)


FLAW = Flaw(
    name="cancelled_orders_stay_cancelled",
    summary="an order that the shopper cancelled stays so; money that comes later is kept",
    cases=("D03",),
    source="woocommerce#20928, razorpay-woocommerce#157",
    decisions=CancelledOrdersStayCancelled,
)
