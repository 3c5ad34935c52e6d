"""A shop that verification_override, test_ipn, sandbox, debug or X-Test-Mode switch every check off."""

from typing import Final

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted

_SWITCHES: Final = ("verification_override", "test_ipn", "sandbox", "debug")


class HonoursTestSwitches(Decisions):
    def belief(self, posted: Posted, claim: Claim) -> Belief:
        is_switched = "x-test-mode" in posted.headers or any(posted.fields.get(name) == "1" for name in _SWITCHES)
        return Belief.AT_ITS_WORD if is_switched else super().belief(posted, claim)


FLAW = Flaw(
    name="honours_test_switches",
    summary="verification_override, test_ipn, sandbox, debug or X-Test-Mode switch every check off",
    cases=("A06",),
    source="CVE-2025-11271, Paid Memberships Pro 5c19c9b",
    decisions=HonoursTestSwitches,
)
