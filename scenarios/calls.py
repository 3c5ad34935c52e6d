"""The harness's own calls over the wire, as a merchant's backend or a shopper's browser: real bytes on real sockets."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

# Our own sides speak plain HTTP on loopback. httpx would load the machine's authorities for each client: 25 to 80 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came back: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """Read the body as JSON. Raises `ValueError` when it is none."""
        return httpx.Response(200, content=self.body).json()


class CallLost(Exception):
    """A call ended without an answer: refused, reset or cut off."""


class Calls:
    """Speaks to wire names such as `http://server.test` at the addresses where they listen in this run."""

    def __init__(self, peers: Mapping[str, str]) -> None:
        self._peers = dict(peers)
        limits = httpx.Limits(max_keepalive_connections=0)
        # A call may wait for hours of virtual time; the conductor caps the real ones.
        self._client = httpx.AsyncClient(
            verify=NO_TLS, timeout=httpx.Timeout(None), trust_env=False, limits=limits, follow_redirects=False
        )

    async def post_json(self, url: str, body: Mapping[str, object], *, headers: Mapping[str, str]) -> WireAnswer:
        """Post JSON. Raises `CallLost` when no answer came."""
        return await self._ask(self._request("POST", url, headers=headers, json=dict(body)))

    async def post_form(self, url: str, fields: Mapping[str, str]) -> WireAnswer:
        """Post a form as a browser does. Raises `CallLost` when no answer came."""
        return await self._ask(self._request("POST", url, headers={}, form=dict(fields)))

    async def post_body(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> WireAnswer:
        """Post bytes as they are. Raises `CallLost` when no answer came."""
        where, named = self.locate(url)
        return await self._ask(self._client.build_request("POST", where, headers={**named, **headers}, content=body))

    def locate(self, url: str) -> tuple[str, dict[str, str]]:
        """Return where a wire name's URL is reached in this run, and the headers that every call of ours has."""
        parts = urlsplit(url)
        address = self._peers.get(f"{parts.scheme}://{parts.netloc}", parts.netloc)
        where = urlunsplit((parts.scheme, address, parts.path, parts.query, ""))
        return where, {"Host": parts.netloc, "User-Agent": "gatewright"}

    async def get(self, url: str) -> WireAnswer:
        """Get. Raises `CallLost` when no answer came."""
        return await self._ask(self._request("GET", url, headers={}))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        where, named = self.locate(url)
        return self._client.build_request(method, where, headers={**named, **headers}, json=json, data=form)

    async def _ask(self, request: httpx.Request) -> WireAnswer:
        try:
            answer = await self._client.send(request)
        except httpx.TransportError as lost:
            raise CallLost(f"{request.method} {request.url.path}: {type(lost).__name__}") from lost
        return WireAnswer(answer.status_code, dict(answer.headers), answer.content)
