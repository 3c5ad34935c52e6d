"""A shop that remembers in its process what it has settled."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.model import ShopPayment


class ForgetsDuplicatesAfterARestart(DeliversPerSettling):
    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return settlement in self.floor.memory.seen

    def mark_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> None:
        super().mark_settled(payment, settlement, channel=channel)
        self.floor.memory.seen[settlement] = self.floor.now()


FLAW = Flaw(
    name="forgets_duplicates_after_a_restart",
    summary="remembers in its process what it has settled",
    cases=("C04",),
    source="in-memory duplicate guards; Razorpay's replay of seven days",
    decisions=ForgetsDuplicatesAfterARestart,
)
