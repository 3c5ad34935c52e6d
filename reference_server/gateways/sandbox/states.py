"""How a try at the sandbox comes out and when: rules on draws alone. Source of rates and delays: document 001, jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from reference_server.gateways.gateway import Decline, Method
from reference_server.gateways.sandbox.errors import decline_by

# The share of tries that the issuer agrees to.
RATES = {Method.UPI: 0.90, Method.CARD: 0.95, Method.WALLET: 0.95, Method.NETBANKING: 0.95}
PAYMENT_SECONDS = (5.0, 10.0)
REFUND_SECONDS = (3.0, 5.0)

# Takes an id and a purpose and gives the draw, from 0 to 1, that follows from both.
Draw = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class SandboxTerms:
    """What test mode decides in place of a draw; None where it leaves that to chance."""

    succeeds: bool | None = None
    delay: timedelta | None = None


def decide(key: str, method: Method, *, draw: Draw, terms: SandboxTerms) -> Decline | None:
    """Return why the issuer declines the try of this key, and None where it agrees."""
    agrees = draw(key, "outcome") < RATES[method] if terms.succeeds is None else terms.succeeds
    return None if agrees else decline_by(method, draw(key, "decline"))


def delay_of(key: str, between: tuple[float, float], *, draw: Draw, terms: SandboxTerms) -> timedelta:
    """Return how long the answer about this key takes: whole milliseconds between both limits."""
    if terms.delay is not None:
        return terms.delay
    shortest, longest = between
    return timedelta(milliseconds=round(1000 * (shortest + (longest - shortest) * draw(key, "delay"))))
