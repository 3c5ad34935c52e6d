"""What operations of document 000 are told at the start."""

from dataclasses import dataclass
from datetime import timedelta

from reference_server.chance import Chance
from reference_server.fastpath import FastPath
from reference_server.merchants.frontends import Frontends
from reference_server.payments.apply import Rules
from reference_server.redaction import Redaction


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say about payments of this document, and what their ids are drawn from.

    `fast` is there only with a Redis; `redaction` takes secrets out of what gateways answered.
    """

    public_url: str
    session_life: timedelta
    rules: Rules
    chance: Chance
    frontends: Frontends
    redaction: Redaction
    fast: FastPath | None = None
