"""A shop that remembers for five minutes what it has settled."""

from datetime import timedelta
from typing import Final

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.model import ShopPayment

_REMEMBERED: Final = timedelta(minutes=5)


class ForgetsDuplicatesAfterAWhile(DeliversPerSettling):
    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        at = self.floor.memory.seen.get(settlement)
        return at is not None and self.floor.now() - at < _REMEMBERED

    def mark_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> None:
        super().mark_settled(payment, settlement, channel=channel)
        self.floor.memory.seen[settlement] = self.floor.now()


FLAW = Flaw(
    name="forgets_duplicates_after_a_while",
    summary="remembers for five minutes what it has settled",
    cases=("C04",),
    source="Standard Webhooks' example of five minutes, too short for money",
    decisions=ForgetsDuplicatesAfterAWhile,
)
