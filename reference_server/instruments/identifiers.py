"""Which of a merchant's own names for things are surely card numbers.

An order id, a receipt number, a refund's reference and an idempotency key are the merchant's by contract, and may be
plain numbers. Of random ones of 16 digits 2.7 % have a network's beginning and a right check digit: what only looks
like a card is taken. Free text is another matter: see `holds_card_number`.
"""

import re
from collections.abc import Mapping
from typing import cast

from reference_server.instruments.blanking import is_card_number
from reference_server.instruments.cards import DIGITS_MIN, digits_of

# What somebody types who tries a shop out: a shop that lets a card's number into a name of its own is found so, before
# it does it with a shopper's. From the pages on test cards of Stripe, PayPal, Razorpay, Cashfree and PhonePe.
PUBLISHED = frozenset(
    (
        *("4111111111111111", "4242424242424242", "4012888888881881", "4444333322221111", "4000056655665556"),
        *("4706131211212123", "4062288312345026", "4576238912771450", "4208585190116667", "4838305610460100"),
        *("5555555555554444", "5105105105105100", "5200828282828210", "5267318187975449", "6074819900004939"),
        *("378282246310005", "371449635398431", "30569309025904", "38520000023237", "3530111333300000"),
        *("3566002020360505", "6011111111111117", "6011000990139424", "6200000000000005", "6759649826438453"),
    )
)
_BETWEEN = "[ \u00a0.-]"
_MAY_HOLD = re.compile(f"(?:[0-9]{_BETWEEN}?){{12}}")
_DIGITS = re.compile("[0-9]{14,19}")
# As they stand on the card itself; with hyphens between it may be anybody's number of a voucher.
_GROUPS = re.compile("[0-9]{4}(?:[ \u00a0][0-9]{4}){3}|[0-9]{4}[ \u00a0][0-9]{6}[ \u00a0][0-9]{4,5}")


def holds_surely_a_card(name: str, *, paid_with: str = "") -> bool:
    """Say whether a name holds the number that this very request pays with, a published one, or one in a card's groups.

    `paid_with` is the card's number as it was typed, empty where there is none.
    """
    if not _MAY_HOLD.search(name):
        return False
    own, digits = digits_of(paid_with) or "", re.sub(_BETWEEN, "", name)
    if len(own) >= DIGITS_MIN and own in digits:
        return True
    grouped = any(is_card_number(found[0]) for found in _GROUPS.finditer(name))
    return grouped or any(found[0] in PUBLISHED for found in _DIGITS.finditer(digits))


def number_paid_with(body: object) -> str:
    """Return the card's number in a request's body as it was typed; empty where there is none."""
    card = cast("Mapping[str, object]", body).get("card") if isinstance(body, Mapping) else None
    return str(cast("Mapping[str, object]", card).get("number", "")) if isinstance(card, Mapping) else ""
