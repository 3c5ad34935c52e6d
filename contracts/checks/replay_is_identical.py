"""A request that was taken, sent again under its idempotency key, gets the first answer again, byte for byte (J01)."""

from collections.abc import Iterator

from contracts.checks.asking import Ask, Asked, Told
from contracts.checks.truth import Broken

KEY = "idempotency-key"


def replay_is_identical(asked: Asked, told: Told, ask: Ask) -> Iterator[Broken]:
    """Ask the same again where the first was taken and named a key."""
    if KEY not in asked.headers or not told.is_success:
        return
    again = ask(asked)
    if again != told:
        yield Broken("replay is identical", f"the first answer again: {told.shortly()}", again.shortly())
