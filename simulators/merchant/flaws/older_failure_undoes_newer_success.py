"""A shop that the failure of one payment ends the order that another payment has paid."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder, ShopPayment


class OlderFailureUndoesNewerSuccess(Decisions):
    def failure_ends_order(self, order: ShopOrder, payment: ShopPayment) -> bool:
        return True

    def may_move(self, order: ShopOrder, after: OrderState) -> bool:
        return after in {OrderState.FAILED, OrderState.CANCELLED} or super().may_move(order, after)


FLAW = Flaw(
    name="older_failure_undoes_newer_success",
    summary="the failure of one payment ends the order that another payment has paid",
    cases=("D06",),
    source="Cashfree: many payment ids per order, only SUCCESS counts",
    decisions=OlderFailureUndoesNewerSuccess,
)
