"""Money as integer minor units of a currency, and its decimal form on a wire. No rule of any gateway lives here."""

import re
from dataclasses import dataclass

# ISO 4217 list one (read 2026-11): decimal digits of the minor unit, for what the played gateways can be asked in.
EXPONENTS = {
    "AED": 2, "AUD": 2, "BDT": 2, "BHD": 3, "CAD": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2, "INR": 2,
    "JPY": 0, "KRW": 0, "KWD": 3, "LKR": 2, "MYR": 2, "NPR": 2, "NZD": 2, "OMR": 3, "PKR": 2, "SAR": 2, "SGD": 2,
    "THB": 2, "USD": 2, "VND": 0, "XAF": 0, "XOF": 0, "ZAR": 2,
}  # fmt: skip

_DECIMAL = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,12}))?", re.ASCII)


class MoneyError(ValueError):
    """The text is no amount of that currency, or nobody knows the currency."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (100 paisa are 1 BDT) with its ISO 4217 code."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        """Give the amount in major units with every digit that the currency has: 100.50, 7, 1.250."""
        digits = EXPONENTS[self.currency]
        whole, fraction = divmod(self.amount_minor, 10**digits)
        return f"{whole}.{fraction:0{digits}d}" if digits else str(whole)

    def scaled(self, numerator: int, denominator: int) -> "Money":
        """Return this amount times a fraction, half a minor unit rounded up."""
        doubled = 2 * self.amount_minor * numerator
        return Money((doubled + denominator) // (2 * denominator), self.currency)


def parse_money(text: str, currency: str) -> Money:
    """Read plain digits with an optional fraction; surplus zeros are fine, surplus digits not. Raises `MoneyError`."""
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise MoneyError(f"no currency is called {currency!r} here; known are {', '.join(EXPONENTS)}")
    found = _DECIMAL.fullmatch(text)
    fraction = (found[2] or "") if found else ""
    if found is None or fraction[digits:].strip("0"):
        raise MoneyError(f"an amount of {currency} is written in plain digits with at most {digits} behind the point")
    return Money(int(found[1] + fraction[:digits].ljust(digits, "0")), currency)
