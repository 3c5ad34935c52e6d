"""A shop that an order that failed once stays failed, whatever is paid later; the money stays too."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Purpose
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder, ShopPayment


class IgnoresSuccessAfterFailure(Decisions):
    def with_money(self, order: ShopOrder, payment: ShopPayment) -> Purpose:
        return Purpose.IGNORE if order.state is OrderState.FAILED else super().with_money(order, payment)


FLAW = Flaw(
    name="ignores_success_after_failure",
    summary="an order that failed once stays failed, whatever is paid later; the money stays too",
    cases=("D02",),
    source="Razorpay BP-06",
    decisions=IgnoresSuccessAfterFailure,
)
