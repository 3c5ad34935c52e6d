"""Which numbers the kit reads, from JSON and from text. A number of money never becomes a float on the way."""

from decimal import Decimal

import msgspec

# RFC 8259 section 6 lets a reader set limits. Sixty-four digits hold any amount and any 128-bit id; the exponent is
# that of an IEEE 754 double, so that no handler can turn "1e999999" into a million digits by int().
DIGITS = 64
_EXPONENT = 308


def _decimal(text: str) -> Decimal:
    if len(text) > DIGITS:
        raise ValueError(f"a number has at most {DIGITS} digits here")
    number = Decimal(text)
    if not -_EXPONENT <= number.adjusted() <= _EXPONENT:
        raise ValueError(f"a number is below 1e{_EXPONENT} here")
    return number


# Safe to share: a msgspec decoder keeps nothing between calls.
json_decoder = msgspec.json.Decoder(float_hook=_decimal)


def number_or_text(text: str) -> object:
    """An int or a Decimal where `text` is a JSON number (RFC 8259 section 6), and `text` itself otherwise."""
    if len(text) > DIGITS or text[:1] not in "-0123456789" or text != text.strip():
        return text
    try:
        return json_decoder.decode(text)
    except msgspec.DecodeError:
        return text


def decimal_or_text(text: str) -> object:
    """The same, with whole numbers as Decimal too: the type of a value does not hang on how its sender wrote it."""
    number = number_or_text(text)
    return Decimal(number) if isinstance(number, int) else number
