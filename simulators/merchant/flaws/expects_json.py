"""A shop that reads notifications as JSON, so every genuine form is a 400 (a poll heals it)."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.seam import Posted


class ExpectsJson(Decisions):
    def reads(self, posted: Posted) -> bool:
        return "json" in posted.media_type


FLAW = Flaw(
    name="expects_json",
    summary="reads notifications as JSON, so every genuine form is a 400 (a poll heals it)",
    cases=("A13",),
    source="a reading of eighteen integrations: JSON expected for a form",
    decisions=ExpectsJson,
)
