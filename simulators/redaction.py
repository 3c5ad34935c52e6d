"""Takes secrets out of what is written down: the values of named fields in headers, queries, forms and JSON."""

import json
import re
from collections.abc import Iterable
from enum import Enum
from urllib.parse import unquote_plus

BLANK = "***"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-secret"})
# Every alternative consumes what it begins, so that a hostile body costs no more than its length.
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\],:]|[^"{}\[\],:\s]+|\s+|.', re.DOTALL)
_OPENING = ("{", "[")
_COLON = ":"
_PART_BREAK = "\r\n--"
_HEAD_BREAK = "\r\n\r\n"
_PART_NAME = re.compile(r'\bname\*?="?([^";\r\n]*+)', re.IGNORECASE)


class _After(Enum):
    """What stands before a token of JSON, as far as secrets go."""

    OTHER = "other"
    NAME = "a secret member's name"
    COLON = "a secret member's colon"


class Redaction:
    """Blanks the fields of these names, in whatever letters and escapes they are written."""

    def __init__(self, secret_fields: Iterable[str]) -> None:
        self._secret = frozenset(name.lower() for name in secret_fields)

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        """Return the headers as text with secret ones blanked."""
        told = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        return [(name, BLANK if name.lower() in _SECRET_HEADERS else value) for name, value in told]

    def query(self, query: str) -> str:
        """Blank a query string or an urlencoded body."""
        return "&".join(self._pair(pair) for pair in query.split("&"))

    def body(self, text: str, media_type: str) -> str:
        """Blank a body, which may be cut off anywhere."""
        kind = media_type.partition(";")[0].strip().lower()
        if kind == "application/json" or kind.endswith("+json") or text[:1] in {"{", "["}:
            return self._json(text)
        if kind == "multipart/form-data" or text.startswith("--"):
            return _PART_BREAK.join(self._part(part) for part in text.split(_PART_BREAK))
        return self.query(text)

    def _is_secret(self, name: str) -> bool:
        return name.strip().lower() in self._secret

    def _pair(self, pair: str) -> str:
        name, equals, _ = pair.partition("=")
        return f"{name}={BLANK}" if equals and self._is_secret(unquote_plus(name)) else pair

    def _json(self, text: str) -> str:
        told: list[str] = []
        after = _After.OTHER
        for found in _JSON_TOKEN.finditer(text):
            piece = found[0]
            if piece.isspace():
                told.append(piece)
                continue
            if after is _After.COLON:
                # An object or a list is no secret's value: what is inside is looked at by itself.
                told.append(piece if piece in _OPENING else f'"{BLANK}"')
                after = _After.OTHER
                continue
            told.append(piece)
            if after is _After.NAME and piece == _COLON:
                after = _After.COLON
            else:
                is_name = piece.startswith('"') and self._is_secret(_unquoted(piece))
                after = _After.NAME if is_name else _After.OTHER
        return "".join(told)

    def _part(self, part: str) -> str:
        head, broken, value = part.partition(_HEAD_BREAK)
        if value and any(self._is_secret(found[1]) for found in _PART_NAME.finditer(head)):
            return f"{head}{broken}{BLANK}"
        return part


def _unquoted(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return piece.strip('"')
