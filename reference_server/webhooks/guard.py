"""Whom webhooks may be sent to. A merchant chooses the address, so it must be no way into the network we stand in.

An address is judged when it is registered and again at every attempt; names are resolved here, and what was judged is
what is connected to: a second look at the name might say otherwise (failure catalogue H04).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from yarl import URL

from reference_server.errors import InvalidError
from reference_server.network import Network
from reference_server.webhooks.lookups import LookUps
from reference_server.webhooks.model import CheckedUrl

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

URL_LENGTH_MAX = 2048
LOOPBACK = ("127.0.0.0/8", "::1/128")
# Where TLS is served in earnest; WEBHOOK_PORTS says otherwise.
USUAL_PORTS = frozenset({443, 8443})

# IANA's special-purpose registries (RFC 6890 and its updates), with multicast and what is reserved for the future.
_CLOSED: tuple[Range, ...] = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        # Outside of 2000::/3 nothing is global unicast; within it, what is set aside.
        *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48"),
        "3fff::/20",
    )
)
# RFC 6052: the well-known prefix by which IPv4 is reached over IPv6; the address behind it is what counts.
_NAT64 = IPv6Network("64:ff9b::/96")
# WHATWG URL section 3.5: whoever dials reads a host that ends so as an IPv4 address, in whatever notation.
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?$")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\uffff\U00010000-\U0010ffff\\]")
_CONTROL_SEGMENT = "_control"
_NO_ADDRESS = "is not an address such as https://shop.example/webhooks"
# What an address's text says never changes; so many judgements are kept.
_JUDGED_MAX = 4_096


class GuardRefusal(OSError):
    """Not to be sent to; the text says which rule, and nothing of what lies behind a name."""


@dataclass(frozen=True, slots=True)
class GuardRules:
    """`open_ranges` are reached although they are nobody's outside; `ports` None is any port.

    `look_seconds` is how long whoever registers an address waits for its name to be found.
    """

    needs_tls: bool = True
    ports: frozenset[int] | None = USUAL_PORTS
    open_ranges: tuple[Range, ...] = ()
    look_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged: the very object that was, so that nothing is read twice and understood otherwise."""

    address: URL
    host: str
    port: int
    is_ours: bool


class Guard:
    """`network` names our own peers, which are reached whatever their addresses are."""

    def __init__(self, network: Network, rules: GuardRules, *, look_ups: LookUps | None = None) -> None:
        self._network = network
        self._rules = rules
        self._judged: dict[str, Target] = {}
        self._look_ups = look_ups or LookUps()

    async def check(self, url: str, *, pointer: str = "/url") -> CheckedUrl:
        """Let an address through that a merchant registers. Raises `InvalidError`; a name unknown yet is no mistake."""
        try:
            target = self.judge(url)
            await self._look(target)
        except GuardRefusal as refused:
            raise InvalidError(str(refused), pointer=pointer, rule="format") from None
        except OSError:
            # It may be known by the time of the first delivery, and is judged again at each.
            return CheckedUrl(url)
        return CheckedUrl(url)

    async def _look(self, target: Target) -> None:
        """Judge what lies behind a name, if that is known in time."""
        looking = asyncio.ensure_future(self.resolve(target.host, target.port))
        done, _ = await asyncio.wait([looking], timeout=self._rules.look_seconds)
        if done:
            looking.result()
        looking.cancel()

    def judge(self, url: str) -> Target:
        """Return where it leads, as far as its text says. Raises `GuardRefusal`."""
        if len(self._judged) >= _JUDGED_MAX:
            self._judged.clear()
        if url not in self._judged:
            self._judged[url] = self._judge(url)
        return self._judged[url]

    async def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        """Return addresses that may be connected to. Raises `GuardRefusal`, or `OSError` for no such name."""
        ours = self._find_ours(host, port)
        if ours is not None:
            return [ours]
        literal = _literal(host)
        if literal is None:
            addresses = await self._look_ups.find(host, port)
        else:
            addresses = [literal]
        # One bad address among good ones is not left to chance.
        for address in addresses:
            self._judge_address(address)
        return [(str(address), port) for address in dict.fromkeys(addresses)]

    def _judge(self, url: str) -> Target:
        parts, address = _read(url)
        host, port = address.raw_host or "", address.port or 0
        if self._network.is_ours(url):
            return Target(address, host, port, is_ours=True)
        if self._rules.needs_tls and parts.scheme != "https":
            raise GuardRefusal("is not an https address")
        if self._rules.ports is not None and port not in self._rules.ports:
            told = ", ".join(map(str, sorted(self._rules.ports)))
            raise GuardRefusal(f"has a port that nothing is sent to; webhooks go to {told}")
        literal = _literal(host)
        if literal is not None:
            self._judge_address(literal)
        elif _ENDS_IN_NUMBER.search(host) or not _HOST_NAME.match(host):
            raise GuardRefusal("has a host that is neither a name nor an address in its usual notation")
        return Target(address, host, port, is_ours=False)

    def _find_ours(self, host: str, port: int) -> tuple[str, int] | None:
        named = f"[{host}]" if ":" in host else host
        found = (self._network.address_of(f"{scheme}://{named}:{port}") for scheme in ("http", "https"))
        return next((address for address in found if address is not None), None)

    def _judge_address(self, address: Address) -> None:
        if not is_outside(address) and not any(address in opened for opened in self._rules.open_ranges):
            raise GuardRefusal("leads to an address that webhooks are not sent to")


def is_outside(address: Address) -> bool:
    """Say whether it can be somebody's in the Internet: neither private, local, reserved nor a way round to such."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            # Dialled as IPv4, and nobody outside is known by such a name.
            return False
        if address in _NAT64:
            return is_outside(IPv4Address(int(address) & 0xFFFFFFFF))
    return not any(address in closed for closed in _CLOSED)


def read_ranges(texts: Sequence[str]) -> tuple[Range, ...]:
    """Read networks such as 10.0.0.0/8. Raises `ValueError`."""
    return tuple(ip_network(text, strict=False) for text in texts)


def _read(url: str) -> tuple[SplitResult, URL]:
    if len(url) > URL_LENGTH_MAX or _UNSEEN.search(url):
        raise GuardRefusal(f"is longer than {URL_LENGTH_MAX} characters, or has others than plain ASCII in it")
    try:
        parts, address = urlsplit(url), URL(url)
        port = parts.port
    except ValueError:
        raise GuardRefusal(_NO_ADDRESS) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise GuardRefusal(_NO_ADDRESS)
    if "@" in parts.netloc:
        raise GuardRefusal("has credentials in it")
    if "%" in parts.netloc:
        raise GuardRefusal("has a host with escapes in it")
    if parts.fragment:
        raise GuardRefusal("has a fragment, which is never sent")
    # Our own control plane believes whoever is on this machine, as we are.
    if _CONTROL_SEGMENT in unquote(parts.path).split("/"):
        raise GuardRefusal("is a control plane's, and no merchant listens there")
    # Whoever dials must read in it what was read here.
    literal = _literal(address.raw_host or "")
    if _literal(parts.hostname) != literal or port not in {None, address.port} or ("[" in parts.netloc and not literal):
        raise GuardRefusal(_NO_ADDRESS)
    return parts, address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
