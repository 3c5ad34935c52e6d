"""Who may ask the control plane: this machine and our own names, and no web page of anybody else's."""

from collections.abc import Collection
from urllib.parse import urlsplit

from contracts.binding import Call
from reference_server.errors import ForbiddenError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """`hosts` are further host names by which this side is known."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = _LOOPBACK | {host.lower() for host in hosts}

    def check(self, call: Call) -> None:
        """Raise `ForbiddenError` for a foreign Host (a rebound name) or a foreign Origin (a page in a browser)."""
        if _host_of(f"//{call.host}") not in self._hosts:
            raise ForbiddenError("the control plane is not known by that Host")
        own = f"{call.scheme}://{call.host}".lower()
        for name, value in call.raw_headers:
            # RFC 6454: scheme, host and port. A page of another port of this machine is not ours either.
            if name.lower() == b"origin" and value.decode("latin-1").lower() != own:
                raise ForbiddenError("the control plane is not for pages of that Origin")


def _host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
