"""A shop that a failed or cancelled notification ends an order that is paid."""

from typing import Final

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.lifecycle import OrderState, PaymentState
from simulators.merchant.played.model import ShopOrder, ShopPayment

_PAID: Final = frozenset({OrderState.PAID, OrderState.DELIVERED})


class FailureAfterSuccessUndoes(Decisions):
    def failure_counts(self, order: ShopOrder, payment: ShopPayment) -> bool:
        return payment.state is PaymentState.CAPTURED or super().failure_counts(order, payment)

    def failure_ends_order(self, order: ShopOrder, payment: ShopPayment) -> bool:
        return order.state in _PAID or super().failure_ends_order(order, payment)

    def may_move(self, order: ShopOrder, after: OrderState) -> bool:
        is_undone = order.state in _PAID and after in {OrderState.FAILED, OrderState.CANCELLED}
        return is_undone or super().may_move(order, after)


FLAW = Flaw(
    name="failure_after_success_undoes",
    summary="a failed or cancelled notification ends an order that is paid",
    cases=("D01",),
    source="CVE-2026-92428, Smartstore 9ee5ce9",
    decisions=FailureAfterSuccessUndoes,
)
