"""A shop that draws a new reference for each try of one refund."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopRefund


class RefundRetriedWithANewReference(Decisions):
    def refund_reference(self, refund: ShopRefund) -> str:
        return refund.reference if refund.tries == 0 else f"R{self.floor.draw('refund')}"


FLAW = Flaw(
    name="refund_retried_with_a_new_reference",
    summary="draws a new reference for each try of one refund",
    cases=("F05",),
    source="Razorpay's page on retries",
    decisions=RefundRetriedWithANewReference,
)
