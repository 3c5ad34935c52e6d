"""What a handler returns, and how a value becomes JSON. How an answer goes over the wire is in `sending.py`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self
from urllib.parse import quote

import msgspec
import orjson

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
# RFC 3986 section 2: everything else in a Location is percent-encoded, line breaks first of all.
_URI_CHARACTERS = "%:/?#[]@!$&'()*+,;="


def _encode_other(value: object) -> object:
    """Decimal keeps its digits (1.50 stays 1.50); a moment is told in UTC (RFC 3339 section 4.3 wants an offset)."""
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


# For integers past 64 bits, which orjson refuses and JSON allows.
_wide = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")


def _encode(value: object) -> bytes:
    try:
        encoded = orjson.dumps(value, _encode_other, orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError as error:
        if error.__cause__ is not None:
            raise
        return _wide.encode(value)
    # A copy: what orjson returns keeps its 8 KB of work space alive, which counts where answers are stored for replay.
    return bytes(memoryview(encoded))


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, bytes and headers; the kit adds Content-Type from `media_type`, and Content-Length."""

    status: int
    body: bytes = b""
    media_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, status: int, value: object, headers: tuple[tuple[str, str], ...] = ()) -> Self:
        """Encode Decimal as a number, datetime as RFC 3339 with Z, Enum as its value, dataclass and Struct as objects.

        Raises TypeError for a value without JSON form: a naive datetime and a Decimal NaN are such.
        """
        return cls(status, _encode(value), _JSON, headers)

    @classmethod
    def text(cls, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Self:
        return cls(status, text.encode(), _TEXT, headers)

    @classmethod
    def html(cls, status: int, markup: str, headers: tuple[tuple[str, str], ...] = ()) -> Self:
        return cls(status, markup.encode(), _HTML, headers)

    @classmethod
    def redirect(cls, status: int, location: str) -> Self:
        """Percent-encode in `location` what no URI may hold, so that a value from outside cannot add a header."""
        return cls(status, headers=(("location", quote(location, safe=_URI_CHARACTERS)),))


class NoAnswer:
    """The handler dealt with the transport itself (a reset, silence): the kit sends nothing."""
