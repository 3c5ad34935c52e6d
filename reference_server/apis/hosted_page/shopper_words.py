"""How a payment stands, in words for the person who pays: what has happened, what comes next, what to do."""

from dataclasses import dataclass
from enum import Enum

from reference_server.apis.hosted_page.words import Wording
from reference_server.models import RefundStatus


class Follow(Enum):
    """How the page goes on looking: what has no money yet may still get some, and says so then."""

    CLOSELY = "closely"
    LOOSELY = "loosely"
    NO_MORE = "no more"


@dataclass(frozen=True, slots=True)
class ShopperWords:
    """A mark, a word and what it means; `role` is the colour's name in `pages/look.css`."""

    mark: str
    role: str
    title: str
    about: str
    follow: Follow = Follow.CLOSELY


CHECKING = ShopperWords(
    "○",
    "waiting",
    "We are checking with the gateway",
    "We have asked whether your payment has arrived; the answer usually comes within seconds. You may close this page: "
    "your order goes on without it.",
)
_HELD = ShopperWords(
    "◆",
    "unsure",
    "Your payment is being looked at",
    "It came, and a person makes sure that all is right with it. You need not pay again.",
)
_EXPIRED = ShopperWords(
    "▲",
    "broken",
    "The time for paying is over",
    "No payment has arrived. Go back to the shop to begin anew.",
    Follow.LOOSELY,
)
_GOING_BACK = ShopperWords(
    "▲",
    "broken",
    "Your order ends here; your money goes back to you",
    "It goes back the way it came, which may take some days. You need not do anything.",
    Follow.LOOSELY,
)
_GIVEN_BACK = ShopperWords(
    "▲",
    "broken",
    "Your order ended; your money went back to you",
    "It went back the way it came. Until your bank shows it may take some days.",
    Follow.NO_MORE,
)
_BY_STATUS = {
    "PENDING": CHECKING,
    "VALIDATED": ShopperWords(
        "○",
        "waiting",
        "Paid; your order is on its way",
        "Your payment has arrived and your order is being made ready. You may close this page.",
    ),
    "SYNC_PENDING": ShopperWords(
        "○",
        "waiting",
        "Paid; your order takes longer than usual",
        "Your payment has arrived. We keep trying to deliver. You need not pay again, and may close this page.",
    ),
    "SUCCESS": ShopperWords("●", "kept", "Paid", "Thank you. Your order is complete.", Follow.NO_MORE),
    "FAILED": ShopperWords(
        "▲",
        "broken",
        "The payment did not go through",
        "No payment has arrived. Go back to the shop to try again.",
        Follow.LOOSELY,
    ),
    "CANCELLED": ShopperWords(
        "▲",
        "broken",
        "The payment was cancelled",
        "No payment has arrived. Go back to the shop if you want to buy after all.",
        Follow.LOOSELY,
    ),
}


def words_for_shopper(words: Wording, refund: RefundStatus | None, *, is_paid: bool) -> ShopperWords:
    """Return the words for how it stands; `is_paid` says that the money is with the merchant, whatever else failed."""
    if words.held:
        return _HELD
    has_ended = words.status in {"FAILED", "CANCELLED"}
    if has_ended and refund == "processed":
        return _GIVEN_BACK
    if has_ended and (is_paid or refund is not None):
        return _GOING_BACK
    return _EXPIRED if words.expired else _BY_STATUS[words.status]
