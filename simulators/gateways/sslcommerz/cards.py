"""What is typed in as a card, judged and at once reduced to what may be kept: first six and last four digits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from simulators.gateways.sslcommerz.channels import CHANNELS, Channel

# Fact sheet section 10 (B). Two of the three fail Luhn's check, which the sandbox therefore cannot make of them.
TEST_CARDS = ("4111111111111111", "5111111111111111", "371111111111111")
WRONG_EXPIRY = "Invalid expiration date"
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/?\s*(?:20)?([0-9]{2})", re.ASCII)
_FIRST = 6
_LAST = 4
_SHORTEST, _LONGEST = 13, 19


@dataclass(frozen=True, slots=True)
class MaskedCard:
    """A card as SSLCommerz tells of it (B): nothing here can be paid with."""

    channel: Channel
    card_no: str


@dataclass(frozen=True, slots=True)
class CardMistakes:
    """What is wrong with what was typed, by field, in words for the shopper."""

    by_field: dict[str, str]


def read_card(number: str, *, cvv: str | None) -> MaskedCard | CardMistakes:
    """Judge a card's number and code. Without `cvv` (None) there was no field for it."""
    digits = re.sub(r"[ -]", "", number)
    mistakes: dict[str, str] = {}
    channel = brand_of(digits)
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _LONGEST):
        mistakes["pan"] = "A card number has 13 to 19 digits."
    elif digits not in TEST_CARDS and not passes_luhn(digits):
        mistakes["pan"] = "This is no card number: a digit is wrong or two are changed over."
    elif channel is None:
        mistakes["pan"] = "Cards of this brand are not taken here."
    if cvv is not None and not re.fullmatch(r"[0-9]{3,4}", cvv, re.ASCII):
        mistakes["cvv"] = "The security code has 3 digits, on American Express 4."
    if mistakes or channel is None:
        return CardMistakes(mistakes)
    return MaskedCard(channel, mask(digits))


def mask(digits: str) -> str:
    """Return first six and last four digits with an X for each between."""
    return digits[:_FIRST] + "X" * (len(digits) - _FIRST - _LAST) + digits[-_LAST:]


def brand_of(digits: str) -> Channel | None:
    """Return the channel of a card by the first digits of its number (ISO/IEC 7812 ranges of the brands)."""
    two, four = digits[:2], digits[:4]
    if digits.startswith("4"):
        return CHANNELS["visa"]
    if "51" <= two <= "55" or "2221" <= four <= "2720":
        return CHANNELS["master"]
    if two in {"34", "37"}:
        return CHANNELS["amex"]
    if digits.startswith("606"):
        return CHANNELS["qcash"]
    return CHANNELS["dbbl_nexus"] if two == "60" else None


def passes_luhn(digits: str) -> bool:
    """Check the last digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_expiry(text: str, *, now: datetime, accepted: Sequence[str]) -> bool:
    """Say whether a card with this date (MM/YY) can still be used; `accepted` are the sandbox' own, which never end."""
    found = _EXPIRY.fullmatch(text.strip())
    if found is None:
        return False
    month, year = int(found[1]), 2000 + int(found[2])
    return f"{found[1]}/{found[2]}" in accepted or (year, month) >= (now.year, now.month)
