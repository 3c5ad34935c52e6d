"""The names on the wire and the addresses behind them. Nobody else opens a connection by address.

A run that starts on free ports still speaks of http://sslcommerz.test, so that the journals of two runs are equal.
"""

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import urlsplit

import httpx


class Network:
    """`peers` are our own sides: wire name to address, e.g. {"http://server.test": "127.0.0.1:40123"}."""

    def __init__(self, peers: Mapping[str, str]) -> None:
        self._addresses = {_origin_of(name): address for name, address in peers.items()}

    def is_ours(self, url: str) -> bool:
        """Say whether a side of ours answers there, one that keeps the same clock."""
        return _origin_of(url) in self._addresses

    def hosts(self) -> frozenset[str]:
        """Return the host names of our own sides."""
        return frozenset(host for _, host, _ in self._addresses)

    def httpx_transport(self, keeps_connections: Callable[[], bool]) -> httpx.AsyncBaseTransport:
        """Return a transport that connects where the names lead and leaves Host and URL as they are.

        `keeps_connections` is asked at every call. An idle connection lives on real time: on a virtual clock two runs
        would differ in who reuses which, and in who waits for one.
        """
        # Peers close an idle connection after 5 s (uvicorn's default); ours is given up before that.
        kept = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=2.0)
        fresh = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        wires = tuple(httpx.AsyncHTTPTransport(verify=_authorities(), limits=limits) for limits in (fresh, kept))
        return _NamedTransport(self, wires, keeps_connections)

    def address_of(self, url: str) -> tuple[str, int] | None:
        """Return host and port behind a name of ours, and None for anybody else's."""
        address = self._addresses.get(_origin_of(url))
        if address is None:
            return None
        host, _, port = address.rpartition(":")
        return host, int(port)


class _NamedTransport(httpx.AsyncBaseTransport):
    def __init__(
        self, network: Network, wires: tuple[httpx.AsyncHTTPTransport, ...], keeps_connections: Callable[[], bool]
    ) -> None:
        self._network = network
        self._wires = wires
        self._keeps_connections = keeps_connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = self._network.address_of(str(request.url))
        if address is not None:
            request.url = request.url.copy_with(host=address[0], port=address[1])
        return await self._wires[self._keeps_connections()].handle_async_request(request)

    async def aclose(self) -> None:
        for wire in self._wires:
            await wire.aclose()


@cache
def _authorities() -> ssl.SSLContext:
    """The machine's authorities, loaded once a process: each loading takes 25 to 80 ms."""
    return httpx.create_ssl_context()


def _origin_of(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port
