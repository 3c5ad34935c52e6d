"""What the request under way asks under its idempotency key: whose, which operation, which key, and what it means."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import cast

import orjson

from contracts.binding import Call
from reference_server.errors import InvalidError
from reference_server.idempotency.sealing import Seal
from reference_server.ids import MerchantId
from reference_server.instruments.blanking import without_card_secrets
from reference_server.instruments.identifiers import holds_surely_a_card, number_paid_with

HEADER = b"idempotency-key"
_SECRET_HEADER = b"x-api-secret"
# A number past this is told by its digits and power, never written out: 1E+999999999 would be a gigabyte of zeros.
_WRITTEN_OUT_DIGITS = 64

_asked: ContextVar[tuple[Call, MerchantId] | None] = ContextVar("asked under an idempotency key", default=None)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key is unique in: one merchant's one method and path. `operation` is its name with the path's values."""

    merchant_id: MerchantId
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under a key; two of equal `fingerprint` ask for the same. What shows a secret is kept sealed."""

    scope: Scope
    fingerprint: str
    seal: Seal = field(compare=False)
    shows_secret: bool


def ask_under_key(call: Call, merchant_id: MerchantId) -> None:
    """Say which call is under way, if it bears a key and its document lets it."""
    bears_key = call.operation.extensions.get("x-idempotent") is True and HEADER in dict(call.raw_headers)
    _asked.set((call, merchant_id) if bears_key else None)


def ask_without_key() -> None:
    """Say that a call is under way of which the store need not remember anything."""
    _asked.set(None)


def find_asked() -> Asked | None:
    """Return what the call under way asks under its key; None where it has none.

    Called by operations, whose parameters the document has been applied to: the key is one, and well-formed. Raises
    `InvalidError` for one that is a card's number: it would be kept as it is.
    """
    found = _asked.get()
    if found is None:
        return None
    call, merchant_id = found
    # Of the values, not of the path as it came: two spellings of one path are one operation.
    operation = " ".join((call.operation.operation_id, *map(str, call.path.values())))
    key = key_of(str(call.headers[HEADER.decode()]))
    if holds_surely_a_card(key, paid_with=number_paid_with(call.body)):
        told = "is a card's number, which belongs in /card/number alone; any other number may be a key"
        raise InvalidError(told, pointer=HEADER.decode(), rule="card_number", place="header")
    scope = Scope(merchant_id, operation, key)
    shows_secret = call.operation.extensions.get("x-shows-secret") is True
    return Asked(scope, fingerprint_of(call), _seal_of(call, scope), shows_secret)


def key_of(value: str) -> str:
    """Return the key that a header's value names: the draft's quoted string (RFC 9651 section 3.3.3), or the bare text.

    draft-ietf-httpapi-idempotency-key-header-07 section 2.1 wants the string; nearly all clients send it bare.
    """
    if not value.startswith('"'):
        return value
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def fingerprint_of(call: Call) -> str:
    """Digest what the request means. Spacing, the order of members and a number's spelling are no other meaning.

    A member that is left out is not the same as one that is given as null or as its default. Of a card only what may
    be kept is digested, so that nobody guesses its number back from what is stored here.
    """
    meaning: list[object] = [dict(call.query), without_card_secrets(call.body)]
    return sha256(_canonical(meaning)).hexdigest()


def _seal_of(call: Call, scope: Scope) -> Seal:
    # The same of several as the door has authenticated.
    shown = next((value for name, value in call.raw_headers if name.lower() == _SECRET_HEADER), b"")
    return Seal(shown, (scope.merchant_id, scope.operation, scope.key))


def _canonical(value: object) -> bytes:
    try:
        return orjson.dumps(value, _number, orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # An integer past 64 bits, which JSON allows and orjson refuses.
        return dumps(value, default=_number, sort_keys=True).encode()


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        plain = value.normalize()
        is_whole = plain == plain.to_integral_value() if plain.adjusted() < _WRITTEN_OUT_DIGITS else False
        # No text of a request holds a NUL, so that no text is ever taken for a number.
        return int(plain) if is_whole else f"\0{plain}"
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    return str(value)
