"""A shop that a second payment of a paid order delivers a second time."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.decisions import Purpose
from simulators.merchant.played.lifecycle import PAID_FOR
from simulators.merchant.played.model import ShopOrder, ShopPayment


class SecondPaymentDeliversAgain(DeliversPerSettling):
    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        return Purpose.HONOUR if order.state in PAID_FOR else super().with_money(order, payment)


FLAW = Flaw(
    name="second_payment_delivers_again",
    summary="a second payment of a paid order delivers a second time",
    cases=("E03",),
    source="razorpay-woocommerce#167",
    decisions=SecondPaymentDeliversAgain,
)
