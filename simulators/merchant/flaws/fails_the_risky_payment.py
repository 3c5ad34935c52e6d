"""A shop that ends a paid but risky order as failed."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class FailsTheRiskyPayment(Decisions):
    def fails_when_risky(self) -> bool:
        return True


FLAW = Flaw(
    name="fails_the_risky_payment",
    summary="ends a paid but risky order as failed",
    cases=("B07",),
    source="SSLCommerz' WHMCS module: risk_level 1 is treated as failed",
    decisions=FailsTheRiskyPayment,
)
