"""Takes secrets out of what the journal shows: by the names of fields, and then by value wherever they are."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

SECRET_FIELDS = (
    *("store_passwd", "x-api-secret", "authorization", "proxy-authorization", "cookie", "api_secret"),
    *("trackingtoken", "x-tracking-token"),
)
BLANK = "***"
# Blanking a shorter value wherever it is would take amounts and words with it, and it is nobody's secret anyway.
SECRET_LENGTH_MIN = 5

_NAMES = "|".join(SECRET_FIELDS)
# PHP's clients write store_passwd[]=, and some peers part fields by a semicolon.
_FORM_SECRET = re.compile(rf"((?:^|[?&;])(?:{_NAMES})(?:\[[^\]]*\]|%5B[^=]*%5D)*=)[^&#]*", re.IGNORECASE | re.MULTILINE)
_JSON_SECRET = re.compile(rf'("(?:{_NAMES})"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)
# What webhooks are signed with shows by itself that it is a secret, whatever it stands behind.
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/%]{16,}=*")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")


class Redaction:
    """Learns the values that are secret, and blanks them."""

    def __init__(self) -> None:
        self._spellings: set[str] = set()
        self._longest_first: list[str] = []

    def hide(self, secrets: Iterable[str]) -> None:
        """Blank these values from now on, in what is journaled already too."""
        spellings = {it for secret in secrets if len(secret) >= SECRET_LENGTH_MIN for it in _spellings_of(secret)}
        if not spellings <= self._spellings:
            self._spellings |= spellings
            self._longest_first = sorted(self._spellings, key=lambda it: (-len(it), it))

    def blank_text(self, text: str) -> str:
        """Return the text without secrets."""
        return self.blank_known(blank_named(text))

    def blank_known(self, text: str) -> str:
        """Return the text without the values learnt; what stands behind a secret's name stays."""
        for spelling in self._longest_first:
            text = text.replace(spelling, BLANK)
        return text

    def blank_body(self, body: bytes | bytearray, *, is_cut: bool = False) -> str:
        """Return the body as text without secrets. Where it is cut off, that may be within one."""
        text = self.blank_text(body.decode("utf-8", "replace"))
        if is_cut:
            for spelling in self._longest_first:
                text = _without_beginning_at_end(text, spelling)
        return text


def blank_named(text: str) -> str:
    """Return the text without what stands behind the name of a secret, in a URL, a form or JSON."""
    named = _JSON_SECRET.sub(rf"\1{BLANK}", _FORM_SECRET.sub(rf"\1{BLANK}", text))
    return _SIGNING_SECRET.sub(BLANK, named)


def secrets_of(credentials: Mapping[str, str]) -> list[str]:
    """Return those values of an account's credentials that are secret; a store_id, say, is none."""
    return [value for name, value in credentials.items() if name in SECRET_FIELDS]


def _spellings_of(secret: str) -> Iterator[str]:
    """The value as it is, in JSON, and in URLs and forms: once, and where one URL is a value in another, twice."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    for quoted in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        for once in (quoted, _ESCAPE.sub(lambda found: found[0].lower(), quoted)):
            yield once
            yield quote(once, safe="")


def _without_beginning_at_end(text: str, spelling: str) -> str:
    for length in range(len(spelling) - 1, SECRET_LENGTH_MIN - 1, -1):
        if text.endswith(spelling[:length]):
            return text[:-length] + BLANK
    return text
