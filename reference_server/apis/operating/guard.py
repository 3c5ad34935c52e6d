"""Who may read the metrics: they tell a stranger how much is sold, and when something is broken."""

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from contracts.binding import Answer, Call
from reference_server.errors import MissingError, UnauthenticatedError
from reference_server.problems import word_error

# Whoever comes through a proxy on this machine looks like this machine.
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via", b"cf-connecting-ip", b"x-client-ip")
_OWN_NAMES = {"localhost", "127.0.0.1", "::1"}


class MetricsGuard:
    """With a token: its bearers. Without: this machine alone, and with production settings nobody.

    A proxy that says nothing of whom it speaks for would open them to the world, which no production may rest on.
    `is_open` is for a listener that only the right people can reach.
    """

    def __init__(self, token: str, *, is_production: bool, is_open: bool = False) -> None:
        self._token = token.encode()
        self._is_production = is_production
        self._is_open = is_open

    def refusal_of(self, call: Call) -> Answer | None:
        """Return how to turn the call away, and None for one that is let in."""
        if self._is_open:
            return None
        if self._token:
            shown = _header_of(call, b"authorization")
            if compare_digest(shown, b"Bearer " + self._token):
                return None
            refused = word_error(UnauthenticatedError("the metrics are for the bearer of METRICS_TOKEN"))
            return Answer(401, refused.body, refused.media_type, (("www-authenticate", "Bearer"),))
        if not self._is_production and _is_from_here(call):
            return None
        return word_error(MissingError("the metrics are shown to the bearer of METRICS_TOKEN, or at METRICS_PORT"))


def _is_from_here(call: Call) -> bool:
    # A page that made its name mean 127.0.0.1 (DNS rebinding) comes from here too, under that name.
    host = urlsplit(f"//{call.host}").hostname
    names = {name.lower() for name, _ in call.raw_headers}
    return host in _OWN_NAMES and names.isdisjoint(_FORWARDED) and call.client is not None and _is_own(call.client[0])


def _is_own(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _header_of(call: Call, name: bytes) -> bytes:
    return next((value for key, value in call.raw_headers if key.lower() == name), b"")
