"""A shop that a second payment of a paid order is never looked at and its money kept."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Purpose
from simulators.merchant.played.lifecycle import PAID_FOR
from simulators.merchant.played.model import ShopOrder, ShopPayment


class SecondPaymentIsIgnored(Decisions):
    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        is_second = order.state in PAID_FOR and payment is not order.kept
        return Purpose.IGNORE if is_second else super().with_money(order, payment)


FLAW = Flaw(
    name="second_payment_is_ignored",
    summary="a second payment of a paid order is never looked at and its money kept",
    cases=("E03",),
    source="razorpay-woocommerce#167",
    decisions=SecondPaymentIsIgnored,
)
