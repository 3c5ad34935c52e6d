"""Finds card numbers in text, and takes card data out of request bodies before anything keeps them (PCI DSS 3.3, 3.4).

By the names of members where a body can be read; where it cannot, every longer run of digits goes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast
from urllib.parse import unquote, unquote_plus

import msgspec

from reference_server.instruments.cards import brand_of, passes_luhn

BLANK = "***"
# Members of whatever depth whose values are never kept, whatever they hold.
MEMBERS = frozenset({"card", "number", "card_number", "cardnumber", "pan", "cvv", "cvc", "cvv2", "vpa"})
# Numbers as people write them. Twelve to nineteen digits with at most one blank, hyphen or dot between two.
_RUN = re.compile(r"(?<![0-9])[0-9](?:[ .\-\u00a0]?[0-9]){11,18}(?![0-9])")
# Beside other numbers a run says nothing of where the card's begins. So written it is found all the same: in one, in
# groups of four, and as American Express prints it (4, 6 and 5).
_WRITTEN = re.compile(
    r"(?<![0-9])(?=("
    r"[0-9]{14,19}"
    r"|[0-9]{4}(?:[ .\-\u00a0][0-9]{4}){3}(?:[ .\-\u00a0][0-9]{1,3})?"
    r"|[0-9]{4}[ .\-\u00a0][0-9]{6}[ .\-\u00a0][0-9]{4,5}"
    r")(?![0-9]))"
)
_NO_DIVIDERS = str.maketrans("", "", " .-\u00a0")
# Four groups of four with what divides them.
_FOUR_GROUPS = 19
# What any such number has in it; a UUID's place taken by letters makes none where none is.
_DIGITS_IN_A_ROW = re.compile(r"[0-9](?:[ .\-\u00a0]?[0-9]){11}")
# In what cannot be read, percent-encoded and two-byte digits are digits too.
_SHORT_RUN = re.compile(rb"[0-9%][0-9% .\-\x00]{1,}[0-9]")
# Without any of these there is nothing to look for. A backslash, a percent sign or a NUL may spell any of them.
_MAY_HOLD = re.compile(rb"card|number|pan|cvv|cvc|vpa|[\\%\x00]|(?:[0-9][ .\-\xc2\xa0]*){12}", re.IGNORECASE)
# Maestro's ranges take in nearly all numbers that begin with 5 or 6: too many order numbers would be cards.
_TOO_WIDE = {"maestro"}
# Visa has long given out no more numbers of 13 digits, and one in ten of Germany's telephone numbers would be one.
_DIGITS_MIN = 14
# RFC 9562 section 4, with version and variant. Of those that clients draw one in 4,000 holds what can be a card number.
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[1-8][0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def holds_card_number(text: str) -> bool:
    """Say whether a text holds what can be a card number: of a known network, of its length, its check digit right.

    A UUID holds none, whatever its digits.
    """
    if not _DIGITS_IN_A_ROW.search(text):
        return False
    rest = _UUID.sub("uuid", text)
    in_a_run = any(_is_card_number(found[0]) for found in _RUN.finditer(rest))
    return in_a_run or next(_find_among_others(rest), None) is not None


def is_card_number(text: str) -> bool:
    """Say whether a text is what can be a card number, and nothing else."""
    return _RUN.fullmatch(text) is not None and _is_card_number(text)


def blank_card_numbers(text: str) -> str:
    """Return the text with each card number reduced to its last four digits."""
    if not _DIGITS_IN_A_ROW.search(text):
        return text
    whole = _RUN.sub(lambda found: _blanked(found[0]), text)
    pieces, end = list[str](), 0
    for start, stop in _find_among_others(whole):
        pieces += (whole[end:start], _blanked(whole[start:stop]))
        end = stop
    return "".join((*pieces, whole[end:]))


def may_tell_of_cards(target: str) -> bool:
    """Say whether card data may be on this path, however it is spelt: that of the APIs that take it."""
    return "/api" in unquote(target.partition("?")[0]).casefold()


def blank_card_data(body: bytes) -> bytes:
    """Return a request body without card data; where nothing hints at any, as it is, byte for byte.

    A body that cannot be read, cut short for instance, keeps no run of three digits or more.
    """
    if not _MAY_HOLD.search(body):
        return body
    try:
        # Written anew even where nothing is found: of a member that stood twice, one was not looked at.
        return msgspec.json.encode(_without_cards(msgspec.json.decode(body)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _SHORT_RUN.sub(BLANK.encode(), body)


def without_card_secrets(body: object) -> object:
    """Return a request's body with so much of its card as may be kept: what is digested of it can be guessed back.

    There are few numbers with given first and last digits, and a stored digest of one is as good as the number.
    """
    if not isinstance(body, Mapping):
        return body
    members = cast("Mapping[str, object]", body)
    found = members.get("card")
    if not isinstance(found, Mapping):
        return members
    card = cast("Mapping[str, object]", found)
    told = {name: value for name, value in card.items() if name not in MEMBERS}
    return {**members, "card": {**told, "last4": str(card.get("number", ""))[-4:]}}


def blank_card_numbers_in(body: bytes) -> bytes:
    """Return an answer's body without card numbers."""
    return blank_card_numbers(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def blank_address(target: str) -> str:
    """Return path and query without card numbers, percent-encoded ones neither."""
    plain = unquote_plus(target)
    return blank_card_numbers(plain) if holds_card_number(plain) else target


def blank_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Return headers without card numbers."""
    return tuple((name, blank_card_numbers(value.decode("latin-1")).encode("latin-1")) for name, value in headers)


def _find_among_others(text: str) -> Iterator[tuple[int, int]]:
    """Return where card numbers begin and end that stand beside other numbers, none within another."""
    end = 0
    for found in _WRITTEN.finditer(text):
        start = found.start()
        written = found[1] if start >= end else ""
        card = next((one for one in dict.fromkeys((written, written[:_FOUR_GROUPS])) if _is_card_number(one)), None)
        if card is not None:
            end = start + len(card)
            yield start, end


def _without_cards(value: object) -> object:
    if isinstance(value, str):
        return blank_card_numbers(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return BLANK if holds_card_number(str(value)) else value
    if isinstance(value, list):
        return [_without_cards(one) for one in cast("list[object]", value)]
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {
            blank_card_numbers(name): BLANK if name.casefold() in MEMBERS else _without_cards(one)
            for name, one in members.items()
        }
    return value


def _is_card_number(written: str) -> bool:
    digits = written.translate(_NO_DIVIDERS)
    if len(digits) < _DIGITS_MIN or not passes_luhn(digits):
        return False
    brand = brand_of(digits)
    return brand is not None and brand.name not in _TOO_WIDE and len(digits) in brand.lengths


def _blanked(written: str) -> str:
    return BLANK + written[-4:] if _is_card_number(written) else written
