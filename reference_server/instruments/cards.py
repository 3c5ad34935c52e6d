"""Card numbers: Luhn, brand, expiry. A whole number is in memory while a request is read, and nowhere else."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

# Digits in groups, as people type them from the card.
_WRITTEN = re.compile(r"[0-9]+(?:[ -][0-9]+)*", re.ASCII)
DIGITS_MIN, DIGITS_MAX = 12, 19
# A digit to the sum of the digits of its double.
_DOUBLED = str.maketrans("0123456789", "0246813579")
# Issuers print at most some ten years ahead; what lies further is a slip of the keyboard.
YEARS_AHEAD_MAX = 20


@dataclass(frozen=True, slots=True)
class Brand:
    """A card network: the ranges its numbers begin with, how long they are, and its check code."""

    name: str
    # (first, last) of the leading digits, both of one length.
    ranges: tuple[tuple[str, str], ...]
    lengths: tuple[int, ...]
    cvv_digits: int = 3


# ISO/IEC 7812-1 numbers by issuer ranges, as the networks publish them; RuPay before Discover, which shares 60, 65
# and 81 with it, and Maestro last, which has what nobody else claims.
BRANDS = (
    Brand("amex", (("34", "34"), ("37", "37")), (15,), cvv_digits=4),
    Brand("visa", (("4", "4"),), (13, 16, 19)),
    Brand("mastercard", (("51", "55"), ("2221", "2720")), (16,)),
    Brand("diners", (("300", "305"), ("36", "36"), ("38", "39")), (14, 16, 19)),
    Brand("jcb", (("3528", "3589"),), (16, 17, 18, 19)),
    Brand(
        "rupay",
        (("508500", "508999"), ("606985", "607984"), ("608001", "608500"), ("652150", "653149"), ("817200", "820199")),
        (16,),
    ),
    Brand("discover", (("6011", "6011"), ("644", "649"), ("65", "65")), (16, 17, 18, 19)),
    Brand("unionpay", (("62", "62"),), (16, 17, 18, 19)),
    Brand("maestro", (("50", "50"), ("56", "59"), ("6", "6")), tuple(range(DIGITS_MIN, DIGITS_MAX + 1))),
)
UNKNOWN_BRAND = "unknown"


class CardError(ValueError):
    """A card that cannot be: `member` names what is wrong with it, `rule` the rule, and the message says no digit."""

    def __init__(self, message: str, *, member: str, rule: str) -> None:
        super().__init__(message)
        self.member = member
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Card:
    """What may be kept of a card (PCI DSS 3.3 and 3.4): brand, last four digits, expiry."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int


@dataclass(frozen=True, slots=True)
class TypedCard:
    """A card as a shopper typed it. Nothing of it is ever shown or kept as it is."""

    number: str = field(repr=False)
    expiry_month: int = field(repr=False)
    expiry_year: int = field(repr=False)
    cvv: str = field(repr=False)


def check_card(typed: TypedCard, *, now: datetime) -> Card:
    """Return what may be kept of a card that can be. Raises `CardError`."""
    digits = digits_of(typed.number)
    if digits is None or not DIGITS_MIN <= len(digits) <= DIGITS_MAX:
        raise CardError(f"is not {DIGITS_MIN} to {DIGITS_MAX} digits", member="number", rule="digits")
    if not passes_luhn(digits):
        raise CardError("is no card number: its check digit is wrong", member="number", rule="luhn")
    brand = brand_of(digits)
    if brand is not None and len(digits) not in brand.lengths:
        raise CardError(f"is not as long as a {brand.name} card's", member="number", rule="length")
    _check_expiry(typed, now)
    cvv_digits = {3, 4} if brand is None else {brand.cvv_digits}
    if not typed.cvv.isascii() or not typed.cvv.isdigit() or len(typed.cvv) not in cvv_digits:
        wanted = " or ".join(map(str, sorted(cvv_digits)))
        raise CardError(f"is not the {wanted} digits of this card's check code", member="cvv", rule="digits")
    name = UNKNOWN_BRAND if brand is None else brand.name
    return Card(name, digits[-4:], typed.expiry_month, typed.expiry_year)


def digits_of(written: str) -> str | None:
    """Return the digits of a number written in groups; None for anything else."""
    return re.sub("[ -]", "", written) if _WRITTEN.fullmatch(written) else None


def passes_luhn(digits: str) -> bool:
    """Say whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    every_second = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[::-2])) + sum(map(int, every_second))) % 10 == 0


def brand_of(digits: str) -> Brand | None:
    """Return the network whose range the number begins with."""
    return next((brand for brand in BRANDS if _begins_within(digits, brand)), None)


def _begins_within(digits: str, brand: Brand) -> bool:
    return any(first <= digits[: len(first)] <= last for first, last in brand.ranges)


def _check_expiry(typed: TypedCard, now: datetime) -> None:
    """A card is good until its month has ended everywhere: UTC-12 is where it ends last."""
    if not 1 <= typed.expiry_month <= 12:
        raise CardError("is not a month from 1 to 12", member="expiry_month", rule="expiry")
    if not now.year - 100 <= typed.expiry_year <= now.year + YEARS_AHEAD_MAX:
        raise CardError("is not a year that a card can bear", member="expiry_year", rule="expiry")
    last_day = monthrange(typed.expiry_year, typed.expiry_month)[1]
    ends_at = datetime(typed.expiry_year, typed.expiry_month, last_day, tzinfo=UTC) + timedelta(days=1, hours=12)
    if now >= ends_at:
        raise CardError("the card has expired", member="expiry_year", rule="expiry")
