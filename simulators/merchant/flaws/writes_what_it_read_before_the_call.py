"""A shop that a poll and a cancel write the state they read before they asked the gateway."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import ShopOrder


class WritesWhatItReadBeforeTheCall(Decisions):
    def leaves_state_alone(self, order: ShopOrder, read: OrderState) -> bool:
        return False

    def is_as_read(self, order: ShopOrder, read: OrderState) -> bool:
        return True


FLAW = Flaw(
    name="writes_what_it_read_before_the_call",
    summary="a poll and a cancel write the state they read before they asked the gateway",
    cases=("E02",),
    source="statamic-cargo PR 195",
    decisions=WritesWhatItReadBeforeTheCall,
)
