"""Where a purchase stands, in a shopper's words: from the server's status (document 000), or the shop's own state."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A state with its mark, its word and what it means; `role` is the colour's name in `pages/look.css`."""

    key: str
    mark: str
    role: str
    title: str
    about: str
    is_final: bool = False


LOST = Words(
    "unknown",
    "◆",
    "unsure",
    "The shop cannot see the payment just now",
    "The payment server does not answer. Nothing is lost: look again in a moment.",
)
_NO_SUCH_ORDER = Words(
    "none",
    "◆",
    "unsure",
    "There is no such order",
    "Nobody knows it. Go back to the shop and begin anew.",
    is_final=True,
)
_HELD = Words(
    "held",
    "◆",
    "unsure",
    "A person looks at your payment",
    "It came, and something about it needs a look. You need not pay again.",
)
_EXPIRED = Words(
    "expired",
    "▲",
    "broken",
    "The time for paying is over",
    "Nothing was paid. Go back to the shop to begin anew.",
    is_final=True,
)
DELIVERED = Words("SUCCESS", "●", "kept", "Paid and delivered", "Thank you. What you bought is yours.", is_final=True)
_BY_STATUS = {
    words.key: words
    for words in (
        Words(
            "PENDING",
            "○",
            "waiting",
            "We wait for word of your payment",
            "The gateway tells us, usually within seconds. You may close this page: the order goes on without it.",
        ),
        Words(
            "VALIDATED",
            "○",
            "waiting",
            "Paid; your order is being delivered",
            "The money is confirmed. This takes a moment. You may close this page.",
        ),
        Words(
            "SYNC_PENDING",
            "○",
            "waiting",
            "Paid; the delivery takes longer than usual",
            "The money is confirmed. We keep trying to deliver. You need not pay again.",
        ),
        DELIVERED,
        Words(
            "FAILED",
            "▲",
            "broken",
            "The payment failed",
            "Nothing was taken. Go back to the shop to try again.",
            is_final=True,
        ),
        Words(
            "CANCELLED",
            "▲",
            "broken",
            "You cancelled the payment",
            "Nothing was taken. The shop still has it if you want it.",
            is_final=True,
        ),
    )
}


def words_of(payment: Mapping[str, object] | None, *, is_known: bool = True) -> Words:
    """Return the words for what the server says of a payment; None is a server that says nothing."""
    if not is_known:
        return _NO_SUCH_ORDER
    if payment is None:
        return LOST
    if payment.get("held"):
        return _HELD
    if payment.get("expired"):
        return _EXPIRED
    return _BY_STATUS.get(str(payment.get("status")), LOST)


_BY_STATE = {
    "PENDING": _BY_STATUS["PENDING"],
    "HELD": _HELD,
    "PAID": _BY_STATUS["VALIDATED"],
    "DELIVERED": _BY_STATUS["SUCCESS"],
    "FAILED": _BY_STATUS["FAILED"],
    "CANCELLED": _BY_STATUS["CANCELLED"],
    "REFUNDED": Words(
        "REFUNDED", "●", "kept", "Your money is on its way back", "All of it was returned to you.", is_final=True
    ),
    "NEEDS_REVIEW": Words(
        "NEEDS_REVIEW",
        "◆",
        "unsure",
        "A person looks at your order",
        "Something about the payment does not add up. You need not pay again.",
    ),
}


def words_of_state(state: str) -> Words:
    """Return the words for an order of the played shop."""
    return _BY_STATE[state]


def words_of_none() -> Words:
    """Return the words for an order that is none."""
    return _NO_SUCH_ORDER
