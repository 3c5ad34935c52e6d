"""A shop that every notification of success delivers once more."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.model import ShopPayment


class FulfilsEachDuplicate(DeliversPerSettling):
    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return False


FLAW = Flaw(
    name="fulfils_each_duplicate",
    summary="every notification of success delivers once more",
    cases=("C01", "C02", "F03"),
    source="razorpay-prestashop#64, anomalyco/opencode#28398",
    decisions=FulfilsEachDuplicate,
)
