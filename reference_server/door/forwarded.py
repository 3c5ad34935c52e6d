"""Whom a request comes from: the peer, or whom a trusted proxy says that it speaks for. Nobody else is believed.

Read are X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host; the standard's own Forwarded (RFC 7239) is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What browsers and servers send as a Host is far shorter; more cannot be a name (RFC 1035 section 2.3.4) with a port.
_HOST_LENGTH_MAX = 261


@dataclass(frozen=True, slots=True)
class Sender:
    """`host` is None where the Host header stands as it came. `is_direct`: no proxy speaks for anybody."""

    address: str
    scheme: str
    host: bytes | None
    is_direct: bool


class Proxies:
    """`trusted` are addresses and networks, as 10.0.0.1 or 10.0.0.0/8."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks = tuple(ip_network(one, strict=False) for one in trusted)
        self._is_trusted = lru_cache(maxsize=4_096)(self._look)

    def sender_of(self, scope: Scope, headers: dict[bytes, bytes]) -> Sender:
        """Tell whom a request comes from; of headers that came twice `headers` has the last, the nearest proxy's."""
        client, scheme = scope.get("client"), str(scope.get("scheme", "http"))
        peer = str(client[0]) if client else ""
        if not self._networks or not self._is_trusted(peer):
            is_direct = b"x-forwarded-for" not in headers and b"x-forwarded-proto" not in headers
            return Sender(peer, scheme, None, is_direct)
        told = _last(headers.get(b"x-forwarded-proto", b"")).decode("latin-1").lower()
        host = _last(headers.get(b"x-forwarded-host", b""))
        return Sender(
            address=self._first_stranger(peer, headers.get(b"x-forwarded-for", b"")),
            scheme=_scheme_told(told, scheme),
            host=host if 0 < len(host) <= _HOST_LENGTH_MAX else None,
            is_direct=b"x-forwarded-for" not in headers and not told,
        )

    def _first_stranger(self, peer: str, chain: bytes) -> str:
        """Read from the right: what stands left of the first address that is not ours could be written by anybody."""
        address = peer
        for told in reversed(chain.decode("latin-1").split(",")):
            found = _address_in(told.strip())
            if found is None:
                return address
            address = found
            if not self._is_trusted(address):
                return address
        return address

    def _look(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)


def as_sent(scope: Scope, sender: Sender) -> Scope:
    """Return the scope as it would be without the proxies between."""
    if sender.is_direct:
        return scope
    seen = {**scope, "client": (sender.address, 0), "scheme": sender.scheme}
    if sender.host is not None:
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        seen["headers"] = [*others, (b"host", sender.host)]
    return seen


def is_loopback(address: str) -> bool:
    """Say whether the address is of this very machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


@lru_cache(maxsize=4_096)
def subscriber_of(address: str) -> str:
    """Return what one subscriber cannot change at will: an IPv4 address, or the /64 of an IPv6 one (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))


def _scheme_told(told: str, own: str) -> str:
    """Read what a proxy says of encryption, in the words of the connection that it hands on."""
    if told not in {"http", "https", "ws", "wss"}:
        return own
    plain, encrypted = ("ws", "wss") if own.startswith("ws") else ("http", "https")
    return encrypted if told in {"https", "wss"} else plain


def _last(value: bytes) -> bytes:
    return value.rpartition(b",")[2].strip()


def _address_in(told: str) -> str | None:
    """Read 192.0.2.1, 192.0.2.1:4711, 2001:db8::1 and [2001:db8::1]:4711; proxies write any of them."""
    bare = told[1:].partition("]")[0] if told.startswith("[") else told
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return None
