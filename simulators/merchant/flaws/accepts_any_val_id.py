"""A shop that asks whether the val_id is good, not whose it is and for how much."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim, Truth


class AcceptsAnyValId(Decisions):
    def is_reference_right(self, payment: ShopPayment, truth: Truth) -> bool:
        return True

    def is_sum_right(self, payment: ShopPayment, claim: Claim, truth: Truth) -> bool:
        return True

    def is_free(self, payment: ShopPayment, truth: Truth) -> bool:
        return True


FLAW = Flaw(
    name="accepts_any_val_id",
    summary="asks whether the val_id is good, not whose it is and for how much",
    cases=("B04",),
    source="CVE-2026-3124, CVE-2026-2890, Wang et al. 2011",
    decisions=AcceptsAnyValId,
)
