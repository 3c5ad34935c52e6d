"""A shop that takes the price, the currency and the sum that the client names."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.money import Money


class PriceFromTheClient(Decisions):
    def price(self, listed: Money, quantity: int, asked: Money | None) -> Money:
        return asked or super().price(listed, quantity, asked)


FLAW = Flaw(
    name="price_from_the_client",
    summary="takes the price, the currency and the sum that the client names",
    cases=("B05",),
    source="CVE-2026-4987, GHSA-hxg4-65p5-9w37",
    decisions=PriceFromTheClient,
)
