"""A shop that never asks the gateway by itself."""

from collections.abc import Sequence

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class NoReconciliation(Decisions):
    def poll_seconds(self) -> Sequence[float]:
        return ()


FLAW = Flaw(
    name="no_reconciliation",
    summary="never asks the gateway by itself",
    cases=("F06",),
    source="SSLCommerz: an IPN never reaches local or firewalled merchants",
    decisions=NoReconciliation,
)
