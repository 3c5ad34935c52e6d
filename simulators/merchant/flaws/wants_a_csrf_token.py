"""A shop that refuses a notification without its own form token (a poll heals it)."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Posted


class WantsACsrfToken(Decisions):
    def reads(self, posted: Posted) -> bool:
        return "_token" in posted.fields or "x-csrf-token" in posted.headers


FLAW = Flaw(
    name="wants_a_csrf_token",
    summary="refuses a notification without its own form token (a poll heals it)",
    cases=("A13",),
    source="a reading of eighteen integrations: CSRF in the way",
    decisions=WantsACsrfToken,
)
