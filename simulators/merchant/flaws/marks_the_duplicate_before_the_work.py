"""A shop that marks a val_id as seen and then works, so what failed half-way is never done."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopPayment


class MarksTheDuplicateBeforeTheWork(Decisions):
    def mark_before(self, settlement: str) -> None:
        self.floor.rows.seen.add(settlement)

    def is_settled(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return settlement in self.floor.rows.seen

    def is_settled_meanwhile(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return super().is_settled(payment, settlement, channel=channel)


FLAW = Flaw(
    name="marks_the_duplicate_before_the_work",
    summary="marks a val_id as seen and then works, so what failed half-way is never done",
    cases=("C05",),
    source="SignatureAPI guide; Brandur Leach on idempotency keys",
    decisions=MarksTheDuplicateBeforeTheWork,
)
