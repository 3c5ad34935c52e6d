"""A shop that remembers notifications per channel, so the IPN and the shopper's return each deliver."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.decisions import ReturnAct
from simulators.merchant.played.model import ShopPayment
from simulators.merchant.played.seam import Claim


class SettlesOnEachChannel(DeliversPerSettling):
    def on_return(self, kind: str, claim: Claim | None) -> ReturnAct:
        return ReturnAct.SETTLE if kind == "success" else ReturnAct.NOTHING

    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return f"{channel} {settlement}" in self.floor.rows.seen

    def mark_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> None:
        super().mark_settled(payment, settlement, channel=channel)
        self.floor.rows.seen.add(f"{channel} {settlement}")


FLAW = Flaw(
    name="settles_on_each_channel",
    summary="remembers notifications per channel, so the IPN and the shopper's return each deliver",
    cases=("C03",),
    source="razorpay-magento#291",
    decisions=SettlesOnEachChannel,
)
