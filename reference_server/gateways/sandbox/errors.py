"""The sandbox's declines, as issuers have them: which code and words, and whether a later try may fare better."""

from reference_server.gateways.gateway import Decline, Method

_OF_ANY = (
    Decline("insufficient_funds", "The shopper's account has not enough money"),
    Decline("bank_unavailable", "The shopper's bank could not be reached", is_passing=True),
    Decline("declined_by_issuer", "The issuer declined without giving a reason"),
)
DECLINES = {
    Method.UPI: (
        *_OF_ANY,
        Decline("collect_request_expired", "The shopper did not approve the collect request in time"),
        Decline("incorrect_pin", "The shopper entered a wrong UPI PIN"),
    ),
    Method.CARD: (
        *_OF_ANY,
        Decline("authentication_failed", "The shopper did not pass the card's authentication"),
        Decline("suspected_fraud", "The issuer suspects fraud"),
    ),
    Method.WALLET: (*_OF_ANY, Decline("wallet_limit_exceeded", "The wallet's limit does not allow the amount")),
    Method.NETBANKING: (*_OF_ANY, Decline("login_failed", "The shopper could not log in at the bank")),
}


def decline_by(method: Method, drawn: float) -> Decline:
    """Return the decline that a draw from 0 to 1 chooses, each as likely as another."""
    declines = DECLINES[method]
    return declines[int(drawn * len(declines))]
