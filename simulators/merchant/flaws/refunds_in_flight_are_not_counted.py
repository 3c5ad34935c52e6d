"""A shop that counts a refund only when the gateway has answered."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.lifecycle import RefundState
from simulators.merchant.played.model import ShopOrder, ShopPayment, ShopRefund


class RefundsInFlightAreNotCounted(Decisions):
    def refunds_that_count(self, order: ShopOrder, payment: ShopPayment) -> list[ShopRefund]:
        known = super().refunds_that_count(order, payment)
        return [one for one in known if one.state is not RefundState.PENDING]


FLAW = Flaw(
    name="refunds_in_flight_are_not_counted",
    summary="counts a refund only when the gateway has answered",
    cases=("E04",),
    source="hyperswitch PR 11491, eventyay#1405",
    decisions=RefundsInFlightAreNotCounted,
)
