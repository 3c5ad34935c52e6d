"""A shop that does not look at risk_level."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Truth


class FulfilsWhileHeld(Decisions):
    def is_held(self, truth: Truth) -> bool:
        return False


FLAW = Flaw(
    name="fulfils_while_held",
    summary="does not look at risk_level",
    cases=("B07",),
    source="SSLCommerz' WooCommerce plugin completes the payment in its IPN path",
    decisions=FulfilsWhileHeld,
)
