"""SSLCommerz' status words and risk level, told in our words. Source: fact sheet 5, 7, 8 and 10."""

from reference_server.gateways.gateway import GatewayWord

_WORDS = {
    # VALIDATED is VALID asked a second time: code that takes only one of both loses payments (fact sheet 11.2).
    "VALID": GatewayWord.CAPTURED,
    "VALIDATED": GatewayWord.CAPTURED,
    "FAILED": GatewayWord.FAILED,
    "CANCELLED": GatewayWord.CANCELLED,
    "UNATTEMPTED": GatewayWord.EXPIRED,
    "EXPIRED": GatewayWord.EXPIRED,
    "PENDING": GatewayWord.PENDING,
    "INVALID_TRANSACTION": GatewayWord.UNKNOWN,
}
_SAFE = {"", "0"}


def word_of_status(status: str, risk_level: str = "") -> GatewayWord | None:
    """Return our word, and None for a status that SSLCommerz is not known to use.

    Risk level 1 is money taken that should not be delivered against yet (fact sheet 10); an unknown level is no safer.
    """
    word = _WORDS.get(status)
    return GatewayWord.HELD if word is GatewayWord.CAPTURED and risk_level not in _SAFE else word
