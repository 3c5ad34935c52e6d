"""Takes secrets out of what is written down: the values of named fields, and known secrets wherever they stand."""

import json
import re
from collections.abc import Callable, Iterable
from enum import Enum
from urllib.parse import unquote, unquote_plus

BLANK = "***"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-secret"})
# Every alternative consumes what it begins, so that a hostile body costs no more than its length.
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\],:]|[^"{}\[\],:\s]+|\s+|.', re.DOTALL)
_OPENING = ("{", "[")
_COLON = ":"
_PART_BREAK = "\r\n--"
_HEAD_BREAK = "\r\n\r\n"
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_PART_NAME = re.compile(r'\bname\*?="?([^";\r\n]*+)', re.IGNORECASE)


class _After(Enum):
    """What stands before a token of JSON, as far as secrets go."""

    OTHER = "other"
    NAME = "a secret member's name"
    COLON = "a secret member's colon"


class Redaction:
    """Blanks the fields of these names, in whatever letters and escapes they are written.

    `known` gives the secrets themselves: a client may send one where nobody would look for it.
    """

    def __init__(self, secret_fields: Iterable[str], *, known: Callable[[], Iterable[str]] = tuple) -> None:
        self._secret = frozenset(name.lower() for name in secret_fields)
        self._known = known

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        """Return the headers as text with secret ones blanked."""
        secrets = tuple(self._known())
        told = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        return [
            (name, BLANK if name.lower() in _SECRET_HEADERS else self._without(value, secrets)) for name, value in told
        ]

    def query(self, query: str) -> str:
        """Blank a query string or an urlencoded body."""
        return self.text(self._pairs(query))

    def body(self, text: str, media_type: str) -> str:
        """Blank a body, which may be cut off anywhere."""
        return self.text(self._fields(text, media_type))

    def text(self, text: str) -> str:
        """Blank every known secret in a text, whichever of its characters are escaped for URLs or JSON."""
        return self._without(text, self._known()) if text else text

    @staticmethod
    def _without(text: str, secrets: Iterable[str]) -> str:
        # Most texts escape nothing: what stands in them stands in them as it is.
        plain = unquote(_JSON_ESCAPE.sub(_character_of, text)) if "%" in text or "\\u" in text else text
        for secret in secrets:
            if secret and secret in plain:
                text = re.sub("".join(map(_spellings_of, secret)), BLANK, text)
        return text

    def _pairs(self, query: str) -> str:
        return "&".join(self._pair(pair) for pair in query.split("&"))

    def _fields(self, text: str, media_type: str) -> str:
        kind = media_type.partition(";")[0].strip().lower()
        if kind == "application/json" or kind.endswith("+json") or text[:1] in {"{", "["}:
            return self._json(text)
        if kind == "multipart/form-data" or text.startswith("--"):
            return _PART_BREAK.join(self._part(part) for part in text.split(_PART_BREAK))
        return self._pairs(text)

    def _is_secret(self, name: str) -> bool:
        # PHP reads `name[]` and `name[x]` as the field `name`.
        return name.partition("[")[0].strip().lower() in self._secret

    def _pair(self, pair: str) -> str:
        # Old clients separate by semicolons; for others one belongs to the value, so all that follows goes.
        before: list[str] = []
        for part in pair.split(";"):
            name, equals, _ = part.partition("=")
            if equals and self._is_secret(unquote_plus(name)):
                return ";".join([*before, f"{name}={BLANK}"])
            before.append(part)
        return pair

    def _json(self, text: str) -> str:
        # Most bodies name no secret, and without a backslash a name is written as it is: no need to take them apart.
        if "\\" not in text and not any(name in text.lower() for name in self._secret):
            return text
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


def _character_of(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _spellings_of(character: str) -> str:
    """Return a pattern of all ways to write a character: itself, percent-encoded, or as an escape of JSON."""
    percents = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    escape = f"\\\\u{ord(character):04x}"
    return f"(?:{re.escape(character)}|(?i:{percents})|(?i:{escape}))"


def _unquoted(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return piece.strip('"')
