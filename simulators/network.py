"""The names on the wire, the addresses behind them, and the guard: whom the simulators may call at all.

A run that starts on free ports still speaks of http://server.test, so that the journals of two runs are equal.
"""

import asyncio
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_AUTHORITY_END = re.compile("[/?#]")
_SCHEMES = frozenset({"http", "https"})
# A notification's address is the merchant's to choose: it must not be a way to the control plane, whose callers are
# on this machine as we are.
_CONTROL_SEGMENT = "_control"


class GuardRefusal(OSError):
    """The address is nobody whom the settings let us call; the text says how to allow it."""


@dataclass(frozen=True, slots=True)
class _Allowed:
    hosts: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]


class Network:
    """`peers` are our own sides: wire name to address. `send_to` adds hosts and networks that may be called.

    `server_url` is where our reference server is known to be, if it is; that it is ours changes nothing but its name.
    """

    def __init__(self, peers: Mapping[str, str], send_to: Sequence[str] = (), *, server_url: str = "") -> None:
        self._peers = {_place_of(name): _split(address) for name, address in peers.items()}
        self._allowed = _read_allowed(send_to)
        self._server = _place_of(server_url) if server_url else None
        self._closed_ports: set[int] = set()
        self._merchant: tuple[str, int] | None = None

    @property
    def has_peers(self) -> bool:
        """Whether a closed world of our own sides is described."""
        return bool(self._peers)

    def is_ours(self, url: str) -> bool:
        """Say whether a side of ours answers there, one that keeps the same clock."""
        try:
            return _place_of(url) in self._peers
        except ValueError:
            return False

    @property
    def knows_server(self) -> bool:
        """Whether the settings say where our reference server is."""
        return self.has_peers or self._server is not None

    def is_server(self, url: str) -> bool:
        """Say whether our reference server answers there, as far as the settings tell."""
        try:
            if _place_of(url) == self._merchant:
                return False
            return self.is_ours(url) or _place_of(url) == self._server
        except ValueError:
            return False

    def close_to_sends(self, address: str) -> None:
        """Refuse every call to this machine at the port of `address`, one of our own control listeners."""
        self._closed_ports.add(_place_of(address)[1])

    def know_merchant(self, address: str) -> None:
        """Say where the merchant that we play ourselves answers: it is ours and no server."""
        self._merchant = _place_of(address)

    def judge(self, url: str) -> URL:
        """Return the address to connect to; it is the very object that was judged, so nothing is read twice.

        Raises `GuardRefusal` for what can be refused before any name is resolved.
        """
        try:
            target = _read(url)
            host, port = _place_of(url)
        except ValueError as wrong:
            raise GuardRefusal(f"{url[:200]!r} is no http or https address: {wrong}") from None
        if _CONTROL_SEGMENT in target.path.split("/"):
            raise GuardRefusal(f"{url[:200]!r} is a control plane's, and no merchant listens there")
        if (address := _address(host)) is not None and not self.is_ours(url):
            self._judge_address(host, address, port=port)
        return target

    async def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        """Return the addresses behind a host that may be called. Raises `GuardRefusal`, or `OSError` for no such host.

        What is returned is what was checked, and is to be connected to: a second look at the name might say otherwise.
        """
        if (host, port) in self._peers:
            return [self._peers[host, port]]
        if host == "localhost":
            self._judge_address(host, "127.0.0.1", port=port)
            return [("127.0.0.1", port)]
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        for address in addresses:
            self._judge_address(host, address, port=port)
        return [(address, port) for address in addresses]

    def open_client(
        self, *, middlewares: Sequence[aiohttp.ClientMiddlewareType] = (), auto_decompress: bool = True
    ) -> aiohttp.ClientSession:
        """Return an HTTP client: a connection for each call, to where the names lead, and no limit of its own.

        An idle connection would live on real time, and two runs would differ in who reuses which. Limits are kept by
        the account's clock.
        """
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_Resolver(self), use_dns_cache=False, limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            auto_decompress=auto_decompress,
            trust_env=False,
            middlewares=middlewares,
        )

    def _judge_address(self, host: str, address: str, *, port: int) -> None:
        found = ip_address(address)
        if found.is_loopback and port in self._closed_ports:
            raise GuardRefusal(f"{host}:{port} is our own control plane, and no merchant listens there")
        if found.is_loopback or host in self._allowed.hosts:
            return
        if any(found in network for network in self._allowed.networks):
            return
        raise GuardRefusal(
            f"{host} is neither on this machine nor a side of ours, so it is not called; "
            f"to allow it, add {host!r} to SEND_TO"
        )


class _Resolver(AbstractResolver):
    def __init__(self, network: Network) -> None:
        self._network = network

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=found,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address, found in await self._network.resolve(host, port)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _place_of(url: str) -> tuple[str, int]:
    target = _read(url)
    return target.raw_host or "", target.port or 0


def _read(url: str) -> URL:
    """Read an address as the HTTP client does. Raises `ValueError`."""
    # IDNA makes addresses of this machine's neighbours out of full-width digits and ideographic full stops.
    if not _AUTHORITY_END.split(url.partition("://")[2], maxsplit=1)[0].isascii():
        raise ValueError("its host must be written in ASCII")
    target = URL(url)
    host = target.raw_host
    if target.scheme not in _SCHEMES or not host:
        raise ValueError("it needs a scheme, http or https, and a host")
    if not host.isascii() or "%" in host:
        raise ValueError("its host must be written in ASCII, without escapes")
    return target


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _read_allowed(entries: Sequence[str]) -> _Allowed:
    hosts: set[str] = set()
    networks: list[IPv4Network | IPv6Network] = []
    for entry in entries:
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            hosts.add(entry.lower())
    return _Allowed(frozenset(hosts), tuple(networks))
