"""A shop that stores an order after the gateway's answer, says 200 to news of one it does not know, never polls."""

from collections.abc import Sequence

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class ForgetsEarlyNews(Decisions):
    def stores_before_asking(self) -> bool:
        return False

    def knows_nothing_of(self, reference: str) -> int:
        return 200

    def poll_seconds(self) -> Sequence[float]:
        return ()


FLAW = Flaw(
    name="forgets_early_news",
    summary="stores an order after the gateway's answer, says 200 to news of one it does not know, never polls",
    cases=("D04",),
    source="statamic-cargo#190, woocommerce-paypal-payments#4489",
    decisions=ForgetsEarlyNews,
)
