"""A shop that writes what it read before it asked the validator: N copies at one instant deliver N times."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.flaws.per_settling import DeliversPerSettling
from simulators.merchant.played.model import ShopPayment


class SettlesOnAStaleReading(DeliversPerSettling):
    def is_settled_meanwhile(self, payment: ShopPayment, settlement: str, *, channel: str) -> bool:
        return False


FLAW = Flaw(
    name="settles_on_a_stale_reading",
    summary="writes what it read before it asked the validator: N copies at one instant deliver N times",
    cases=("C02",),
    source="ACIDRain, CVE-2026-32398",
    decisions=SettlesOnAStaleReading,
)
