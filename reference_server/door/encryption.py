"""Whether a request came encrypted, and what is said to one that did not: keys and secrets were readable on its way."""

from urllib.parse import urlsplit

from contracts.binding import Answer
from reference_server.door.forwarded import Sender, is_loopback
from reference_server.errors import UnencryptedError
from reference_server.problems import word_error

# Health and metrics are asked by balancers and monitors inside the walls, and hold no secret.
_FOR_OPERATORS = ("/health", "/metrics")
_CREDENTIALS = (b"x-api-key", b"x-api-secret", b"authorization", b"cookie", b"x-tracking-token")


class Encryption:
    """`public_url` is where requests that harm nobody are sent on to."""

    def __init__(self, public_url: str, *, is_required: bool) -> None:
        self._public_url = public_url if public_url.startswith("https://") else ""
        self._is_required = is_required

    def allows(self, sender: Sender, path: str, *, host: bytes) -> bool:
        """Say whether this may be answered: encrypted, from this very machine to itself, or an operator's question."""
        if not self._is_required or sender.scheme in {"https", "wss"}:
            return True
        return path.startswith(_FOR_OPERATORS) or (
            sender.is_direct and is_loopback(sender.address) and is_loopback(_name_in(host))
        )

    def refuse(self, method: str, target: str, *, headers: dict[bytes, bytes]) -> Answer:
        """Send a browser on that shows nothing yet. A POST, or what bears credentials, must not seem to have worked."""
        bears_credentials = any(name in headers for name in _CREDENTIALS)
        if self._public_url and method in {"GET", "HEAD"} and not bears_credentials:
            # To our own name, never to the Host that was asked for.
            return Answer.redirect(308, f"{self._public_url}{target}")
        return word_error(UnencryptedError("this server answers over HTTPS only; renew a secret that was sent without"))


def _name_in(host: bytes) -> str:
    try:
        return urlsplit(f"//{host.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""
