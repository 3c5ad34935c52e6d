"""A shop that takes a full refund while it is delivering, and goes on delivering."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder


class DeliversWhatWasRefunded(Decisions):
    def may_refund(self, order: ShopOrder, *, in_full: bool) -> bool:
        return super().may_refund(order, in_full=False)

    def wants_delivery(self, order: ShopOrder) -> bool:
        return order.state is OrderState.REFUNDED or super().wants_delivery(order)


FLAW = Flaw(
    name="delivers_what_was_refunded",
    summary="takes a full refund while it is delivering, and goes on delivering",
    cases=("E05",),
    source="medusa discussion 15550",
    decisions=DeliversWhatWasRefunded,
)
