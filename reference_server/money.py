"""Money as integer minor units of a currency, and its decimal form on a wire. No rule of any gateway lives here."""

import re
from dataclasses import dataclass
from decimal import Decimal

# ISO 4217 (list one, read 2026-11): how many decimal digits the minor unit has. Only what a gateway of ours can take.
EXPONENTS = {
    "AED": 2, "AUD": 2, "BDT": 2, "BHD": 3, "CAD": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2,
    "INR": 2, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "LKR": 2, "MYR": 2, "NPR": 2, "NZD": 2, "OMR": 3,
    "PKR": 2, "SAR": 2, "SGD": 2, "THB": 2, "TND": 3, "UGX": 0, "USD": 2, "VND": 0, "XAF": 0, "XOF": 0, "ZAR": 2,
}  # fmt: skip

# A bound that no purse reaches and that 64-bit columns hold.
AMOUNT_MINOR_MAX = 10**15
_PLAIN_DECIMAL = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,16})?", re.ASCII)


class MoneyError(ValueError):
    """What was given is not an amount of that currency; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (100 paisa are 1 BDT) with its ISO 4217 code."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent_of(self.currency)
        if not 0 <= self.amount_minor <= AMOUNT_MINOR_MAX:
            raise MoneyError(f"an amount lies between 0 and {AMOUNT_MINOR_MAX} minor units")

    @property
    def decimal_text(self) -> str:
        """The amount in major units with every digit that the currency has: 100.50, 7, 1.250."""
        digits = exponent_of(self.currency)
        if digits == 0:
            return str(self.amount_minor)
        whole, fraction = divmod(self.amount_minor, 10**digits)
        return f"{whole}.{fraction:0{digits}d}"


def exponent_of(currency: str) -> int:
    """Return the number of decimal digits of the currency's minor unit. Raises `MoneyError` for an unknown one."""
    if currency not in EXPONENTS:
        raise MoneyError(f"currency is none of {', '.join(sorted(EXPONENTS))}")
    return EXPONENTS[currency]


def parse_money(amount: str | int | Decimal, currency: str) -> Money:
    """Read an amount in major units, exactly: surplus zeros are fine (100.500 BDT), surplus digits not (100.505 BDT).

    A text is plain digits with an optional fraction: no sign, exponent, blank or grouping. Raises `MoneyError`.
    """
    digits = exponent_of(currency)
    text = f"{amount:f}" if isinstance(amount, Decimal) and _is_of_moderate_size(amount) else str(amount)
    if not _PLAIN_DECIMAL.fullmatch(text):
        raise MoneyError("an amount is written in plain digits with an optional fraction, as 100.50")
    whole, _, fraction = text.partition(".")
    kept, surplus = fraction[:digits], fraction[digits:]
    if surplus.strip("0"):
        raise MoneyError(f"{currency} has {digits} decimal digits, not more")
    return Money(int(whole + kept.ljust(digits, "0")), currency)


def _is_of_moderate_size(amount: Decimal) -> bool:
    # 1E+999999999 is nine bytes on the wire and a gigabyte when written out.
    return amount.is_finite() and -20 < amount.adjusted() < 20 and len(amount.as_tuple().digits) <= 40
