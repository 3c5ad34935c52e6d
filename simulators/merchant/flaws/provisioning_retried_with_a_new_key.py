"""A shop that draws a new provisioning key for each try."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions


class ProvisioningRetriedWithANewKey(Decisions):
    def key_of_try(self, key: str, tries: int) -> str:
        return f"{key}-{self.floor.draw('delivery key', length=6)}"


FLAW = Flaw(
    name="provisioning_retried_with_a_new_key",
    summary="draws a new provisioning key for each try",
    cases=("E06", "F07"),
    source="Brandur Leach on foreign state",
    decisions=ProvisioningRetriedWithANewKey,
)
