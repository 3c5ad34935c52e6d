"""A shop that compares amounts but not the order, so an old val_id of an equal sum settles another one."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Truth


class ValIdSettlesAgain(Decisions):
    def is_reference_right(self, payment: ShopPayment, truth: Truth) -> bool:
        return True

    def is_free(self, payment: ShopPayment, truth: Truth) -> bool:
        return True


FLAW = Flaw(
    name="val_id_settles_again",
    summary="compares amounts but not the order, so an old val_id of an equal sum settles another one",
    cases=("B04",),
    source="WooCommerce plugin 6.2.0, fact sheet 11 #5",
    decisions=ValIdSettlesAgain,
)
