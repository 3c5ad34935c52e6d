"""Takes secrets out of what is written down: the values of named fields in headers, queries, forms and JSON."""

import json
import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

BLANK = "***"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-secret"})
_JSON_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)')
_PART_NAME = re.compile(
    r'(name\s*=\s*"?)([^";\r\n]+)("?[^\r\n]*(?:\r\n[^\r\n]+)*\r\n\r\n)(.*?)(?=\r\n--|\Z)', re.DOTALL
)


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
        if kind == "application/json" or kind.endswith("+json") or text[:1] in "{[":
            return _JSON_MEMBER.sub(self._member, text)
        if kind == "multipart/form-data" or text[:2] == "--":
            return _PART_NAME.sub(self._part, text)
        return self.query(text)

    def _is_secret(self, name: str) -> bool:
        return name.strip().lower() in self._secret

    def _pair(self, pair: str) -> str:
        name, equals, _ = pair.partition("=")
        return f"{name}={BLANK}" if equals and self._is_secret(unquote_plus(name)) else pair

    def _member(self, found: re.Match[str]) -> str:
        try:
            name = str(json.loads(f'"{found[1]}"'))
        except ValueError:
            name = found[1]
        return f'"{found[1]}"{found[2]}"{BLANK}"' if self._is_secret(name) else found[0]

    def _part(self, found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{found[3]}{BLANK}" if self._is_secret(found[2]) else found[0]
