"""A shop that a validator that does not answer means a failed payment."""

from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions, Silence


class ValidationTimeoutIsFailure(Decisions):
    def on_silence(self) -> Silence:
        return Silence.FAIL


FLAW = Flaw(
    name="validation_timeout_is_failure",
    summary="a validator that does not answer means a failed payment",
    cases=("F02",),
    source="SSLCommerz-Laravel#16",
    decisions=ValidationTimeoutIsFailure,
)
