"""What several flaws share: a shop whose delivery hangs on the settling at hand, not on the order."""

from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.model import ShopOrder


class DeliversPerSettling(Decisions):
    """Delivers with a key of its own each time that it settles, so that settling twice shows."""

    def owes_delivery(self, order: ShopOrder, *, moved: bool) -> bool:
        return True

    def delivery_key(self, order: ShopOrder) -> str:
        return f"{order.delivery_key}-{self.floor.draw('delivery key', length=6)}"

    def wants_delivery(self, order: ShopOrder) -> bool:
        return True
