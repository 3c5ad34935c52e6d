"""An idempotency key that named one request names no other: the other is refused, and has no effect (J02)."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from contracts.checks.asking import Ask, Asked, Told, object_of
from contracts.checks.replay_is_identical import KEY
from contracts.checks.truth import Broken


def one_key_is_one_request(asked: Asked, told: Told, ask: Ask) -> Iterator[Broken]:
    """Ask for another sum under the key of a request that was taken."""
    other = with_another_sum(asked)
    if KEY not in asked.headers or not told.is_success or other is None:
        return
    answer = ask(other)
    if answer.status < 400:
        yield Broken("one key is one request", "the key with another sum refused", answer.shortly())


def with_another_sum(asked: Asked) -> Asked | None:
    """Return the request with a sum of one minor unit more or less; None where it names no sum."""
    body = object_of(asked.body)
    amount = None if body is None else body.get("amount")
    if body is None or not isinstance(amount, int) or isinstance(amount, bool):
        return None
    other = msgspec.json.encode({**body, "amount": amount - 1 if amount > 1 else amount + 1})
    # Whoever carries it counts its bytes again.
    return replace(asked.without_header("content-length"), body=other)
