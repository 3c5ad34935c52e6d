"""Whose call it is and whether the password fits; the two signs of an IPN. Fact sheet section 6 (A)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from contracts.binding import Answer, Call
from simulators.gateways.gateway import Desk, Proof
from simulators.gateways.sslcommerz import errors, wire
from simulators.gateways.sslcommerz.settings import settings_of

# What a forger signs with who does not know the password.
_NOT_THE_PASSWORD: Final = "not the password of this store"  # noqa: S105  # the point is that it is nobody's
UNSIGNED: Final = frozenset({"verify_sign", "verify_sign_sha2", "verify_key"})


def identify(call: Call) -> str | None:
    """Return the store that a call names, or the session that a page belongs to."""
    if "pages" in call.operation.tags:
        return f"session:{key}" if (key := wire.read_session_key(call)) else None
    if call.operation.operation_id in errors.ANYBODYS:
        return None
    store = wire.read_fields(call).get("store_id")
    return f"store:{store}" if store else None


def judge(desk: Desk, call: Call) -> Answer | None:
    """Refuse a call whose password is not the store's, or whose store is inactive."""
    if "pages" in call.operation.tags:
        return None
    shown = wire.read_fields(call).get("store_passwd", "")
    settings = settings_of(desk)
    if not hmac.compare_digest(shown.encode(), desk.credentials["store_passwd"].encode()):
        desk.tell(note="store_passwd is missing" if not shown else "store_passwd is not this store's")
        return errors.unauthentic(call, settings.answer_media_type)
    if not settings.store_is_active:
        desk.tell(note="the store is inactive (setting store_is_active)")
        return errors.inactive(call, settings.answer_media_type)
    if settings.validator_says and call.operation.operation_id != "createSession":
        desk.tell(note=f"the validator says {settings.validator_says} (setting validator_says)")
        return errors.unconnected(call, settings.answer_media_type, word=settings.validator_says)
    return None


def prove(fields: Mapping[str, str], password: str, *, proof: Proof = Proof.RIGHT) -> dict[str, str]:
    """Return the three verify fields for these, or what a forger would put there."""
    if proof is Proof.MISSING:
        return {}
    secret = _NOT_THE_PASSWORD if proof is Proof.WRONG_KEY else password
    signed = {name: value for name, value in fields.items() if name not in UNSIGNED}
    return {
        "verify_sign": _sign(signed, secret, algorithm="md5"),
        "verify_key": ",".join(sorted(signed)),
        "verify_sign_sha2": _sign(signed, secret, algorithm="sha256"),
    }


def base_string(fields: Mapping[str, str]) -> str:
    """Return what a sign covers, with the password's digest left out: it is enough to forge with."""
    return _join({**fields, "store_passwd": "<digest of the password>"})


def _sign(fields: Mapping[str, str], password: str, *, algorithm: str) -> str:
    # The password's digest is made by the same algorithm: sha2 is not sha256 of the md5 variant (vendor's sample, V0).
    digest = hashlib.new(algorithm, password.encode()).hexdigest()
    return hashlib.new(algorithm, _join({**fields, "store_passwd": digest}).encode()).hexdigest()


def _join(fields: Mapping[str, str]) -> str:
    """Decoded values, untrimmed, sorted by the bytes of the name, neither encoded nor ended by a separator."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields, key=str.encode))
