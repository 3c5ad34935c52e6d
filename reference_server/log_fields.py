"""What a field of a log line must not say, by its name and by its look: secrets, cards, whole signatures, people."""

import re
from enum import Enum
from functools import lru_cache
from typing import cast

from structlog.typing import EventDict, WrappedLogger

from reference_server.redaction import BLANK, blank_named

# Anywhere in a field's name.
_SECRET_WORDS = ("secret", "passw", "token", "authorization", "cookie", "credential", "api_key", "cvv", "cvc", "otp")
# Whoever pays is known to the log by the order alone: erasing a person cannot reach what was logged.
_PERSONAL = {
    *("phone", "mobile", "contact", "email", "name", "address", "vpa", "upi", "shopper", "customer"),
    *("card", "card_number", "number", "pan", "card_no", "expiry"),
}
_SIGNATURE_LETTERS = 8
# Thirteen to nineteen digits, as people and machines write them (ISO/IEC 7812).
_CARD = re.compile(r"(?<![\dA-Za-z])\d(?:[ -]?\d){12,18}(?![\dA-Za-z])")
# Written by us from parts of ours; a date is never looked at as a card.
_OURS = {"timestamp", "level"}
_CARD_LETTERS_MIN = 13
_DEPTH_MAX = 4


def blank_fields(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Take out of an event what no log may say."""
    return {key: value if key in _OURS else _blank(key, value, 0) for key, value in event.items()}


def flatten(text: str) -> str:
    """Return the text on one line and without anything that a terminal would obey (CWE-117)."""
    return text if text.isprintable() else "".join(it if it.isprintable() else _escaped(it) for it in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


class _Says(Enum):
    """What a field's name says of its value."""

    NOTHING = "nothing"
    SIGNATURE = "signature"
    SECRET = "secret"  # noqa: S105  # a name for it, not one


# Lines are many and names of fields few.
@lru_cache(maxsize=1_000)
def _said_by(key: str) -> _Says:
    name = key.lower().replace("-", "_")
    if "signature" in name:
        return _Says.SIGNATURE
    is_secret = name in _PERSONAL or any(word in name for word in _SECRET_WORDS)
    return _Says.SECRET if is_secret else _Says.NOTHING


def _blank(key: str, value: object, depth: int) -> object:
    said = _said_by(key)
    if said is _Says.SECRET or depth > _DEPTH_MAX:
        return BLANK
    if said is _Says.SIGNATURE:
        return f"{str(value)[:_SIGNATURE_LETTERS]}…"
    if isinstance(value, str):
        return _blank_text(value)
    if isinstance(value, dict):
        fields = cast("dict[object, object]", value)
        return {str(inner): _blank(str(inner), it, depth + 1) for inner, it in fields.items()}
    if isinstance(value, list | tuple):
        return [_blank(key, it, depth + 1) for it in cast("list[object]", value)]
    return value


def _blank_text(text: str) -> str:
    # Behind a name there stands = or :, and most texts have neither.
    named = blank_named(text) if "=" in text or ":" in text else text
    return _CARD.sub(_without_card, named) if len(named) >= _CARD_LETTERS_MIN else named


def _without_card(found: re.Match[str]) -> str:
    digits = [int(letter) for letter in found[0] if letter.isdigit()]
    # Luhn, ISO/IEC 7812-1 annex B: from the right each second digit doubled, its digits added.
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    is_card = (sum(digits[::-2]) + sum(doubled)) % 10 == 0
    return f"{BLANK}{found[0][-4:]}" if is_card else found[0]
