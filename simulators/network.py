"""The names on the wire, the addresses behind them, and the guard: whom the simulators may call at all.

A run that starts on free ports still speaks of http://server.test, so that the journals of two runs are equal.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_DEFAULT_PORTS = {"http": 80, "https": 443}


class GuardRefusal(OSError):
    """The address is nobody whom the settings let us call; the text says how to allow it."""


@dataclass(frozen=True, slots=True)
class _Allowed:
    hosts: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]


class Network:
    """`peers` are our own sides: wire name to address. `send_to` adds hosts and networks that may be called."""

    def __init__(self, peers: Mapping[str, str], send_to: Sequence[str] = ()) -> None:
        self._peers = {_place_of(name): _split(address) for name, address in peers.items()}
        self._allowed = _read_allowed(send_to)

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

    def judge(self, url: str) -> None:
        """Raise `GuardRefusal` for an address that can be refused before any name is resolved."""
        try:
            host, _ = _place_of(url)
        except ValueError as wrong:
            raise GuardRefusal(f"{url[:200]!r} is no http or https address: {wrong}") from None
        if (address := _address(host)) is not None and not self.is_ours(url):
            self._judge_address(host, address)

    async def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        """Return the addresses behind a host that may be called. Raises `GuardRefusal`, or `OSError` for no such host.

        What is returned is what was checked, and is to be connected to: a second look at the name might say otherwise.
        """
        if (host, port) in self._peers:
            return [self._peers[host, port]]
        if host == "localhost":
            return [("127.0.0.1", port)]
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        if host not in self._allowed.hosts:
            for address in addresses:
                self._judge_address(host, address)
        return [(address, port) for address in addresses]

    def connector(self) -> aiohttp.TCPConnector:
        """Return a connector for one HTTP client: a connection for each call, to where the names lead.

        An idle connection would live on real time, and two runs would differ in who reuses which.
        """
        return aiohttp.TCPConnector(resolver=_Resolver(self), use_dns_cache=False, limit=0, force_close=True)

    def _judge_address(self, host: str, address: str) -> None:
        found = ip_address(address)
        if found.is_loopback or any(found in network for network in self._allowed.networks):
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
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("it needs a scheme, http or https, and a host")
    return parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]


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
