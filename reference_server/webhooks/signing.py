"""What an attempt carries to show that it is ours: document 001's signature, and beside it Standard Webhooks'.

Standard Webhooks 1.0.0: `webhook-signature` is a list of `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`,
keyed with the bytes behind `whsec_`; one for each secret in force, so that a rotation loses no message.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

_PREFIX = "whsec_"
# Standard Webhooks asks for 24 to 64 bytes.
SECRET_BYTES = 32


def render_secret(drawn: bytes) -> str:
    """Write a secret as merchants see it."""
    return _PREFIX + b64encode(drawn).decode()


def render_headers(body: bytes, secrets: Sequence[str], *, event_id: str, stamp: int) -> list[tuple[str, str]]:
    """Return the headers of one attempt. `secrets` are those in force, the current one first; `stamp` is in seconds.

    Document 001's header holds one signature: that of the current secret. Its text is the key, prefix and all, as a
    merchant that knows nothing of Standard Webhooks uses it.
    """
    signatures = " ".join(sign_standard(body, secret, event_id=event_id, stamp=stamp) for secret in secrets)
    headers = [
        ("x-webhook-signature", sign_body(body, secrets[0])),
        ("webhook-id", event_id),
        ("webhook-timestamp", str(stamp)),
        ("webhook-signature", signatures),
    ]
    if len(secrets) > 1:
        headers.append(("x-webhook-signature-previous", sign_body(body, secrets[1])))
    return headers


def sign_body(body: bytes, secret: str) -> str:
    """Return HMAC-SHA256 of the exact body in hexadecimal."""
    return _keyed(secret.encode(), body).hex()


def sign_standard(body: bytes, secret: str, *, event_id: str, stamp: int) -> str:
    """Return one entry of `webhook-signature`."""
    key = b64decode(secret.removeprefix(_PREFIX))
    signed = f"{event_id}.{stamp}.".encode() + body
    return "v1," + b64encode(_keyed(key, signed)).decode()


def _keyed(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")
