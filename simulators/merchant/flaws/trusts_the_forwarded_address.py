"""A shop that believes whatever says in X-Forwarded-For that it comes from the gateway."""

import re
from typing import Final

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Belief, Decisions
from simulators.merchant.played.seam import Claim, Posted

_HEADERS: Final = ("x-forwarded-for", "x-real-ip", "forwarded")
_BREAKS: Final = re.compile(r"[\s,;=\"]+")


class TrustsTheForwardedAddress(Decisions):
    def belief(self, posted: Posted, claim: Claim) -> Belief:
        told = _BREAKS.split(",".join(posted.headers.get(name, "") for name in _HEADERS))
        if any(self.floor.adapter.is_source(address) for address in told):
            return Belief.AT_ITS_WORD
        return super().belief(posted, claim)


FLAW = Flaw(
    name="trusts_the_forwarded_address",
    summary="believes whatever says in X-Forwarded-For that it comes from the gateway",
    cases=("A08",),
    source="CVE-2026-0692",
    decisions=TrustsTheForwardedAddress,
)
