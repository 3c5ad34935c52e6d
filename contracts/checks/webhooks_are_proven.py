"""Every webhook shows over its exact bytes whose it is, and says the same on every attempt (H01).

Both proofs: document 001's `X-Webhook-Signature`, and Standard Webhooks 1.0.0 with id and stamp inside the signature.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from contracts.checks.truth import Broken

_PROMISE = "webhooks are proven"
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery attempt as it came; names of headers are lower case. `answered` is the status it got."""

    headers: Mapping[str, str]
    body: bytes
    answered: int = 200
    path: str = "/"

    @property
    def webhook_id(self) -> str:
        return self.headers.get("webhook-id", "")


def webhooks_are_proven(received: Sequence[Received], secret: str) -> Iterator[Broken]:
    """Find attempts that prove nothing, attempts of one id that differ, and ids that came again after a success."""
    first: dict[str, Received] = {}
    for one in received:
        yield from _find_unproven(one, secret)
        known = first.setdefault(one.webhook_id, one)
        if known.body != one.body:
            yield Broken(_PROMISE, f"{one.webhook_id}: the bytes of its first attempt", repr(one.body[:200]))


def _find_unproven(one: Received, secret: str) -> Iterator[Broken]:
    plain = hmac.digest(secret.encode(), one.body, sha256).hex()
    if not hmac.compare_digest(one.headers.get("x-webhook-signature", "").encode(), plain.encode()):
        seen = one.headers.get("x-webhook-signature", "none")
        yield Broken(_PROMISE, f"X-Webhook-Signature {plain}: HMAC-SHA256 of the body", seen)
    stamp = one.headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or not one.webhook_id:
        yield Broken(_PROMISE, "webhook-id, and webhook-timestamp in seconds", f"{one.webhook_id!r}, {stamp!r}")
        return
    standard = _sign(secret, f"{one.webhook_id}.{stamp}.".encode() + one.body)
    if standard not in one.headers.get("webhook-signature", "").split():
        seen = one.headers.get("webhook-signature", "none")
        yield Broken(_PROMISE, f"webhook-signature with {standard}, over id, stamp and body", seen)


def _sign(secret: str, signed: bytes) -> str:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except NotBase64:
        # A secret of the merchant's own making is used as it stands.
        key = secret.encode()
    return "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()
