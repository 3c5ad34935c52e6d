"""The harness's own calls over the wire, as a merchant's backend or a shopper's browser: real bytes on real sockets."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import aiohttp
import msgspec
from yarl import URL

# Our own sides speak plain HTTP on loopback. A client would load the machine's authorities otherwise: 25 to 80 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Everything else in a URL goes out as it was written: what is encoded stays so.
_WRITTEN_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came back: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """Read the body as JSON. Raises `ValueError` when it is none."""
        return json.loads(self.body)


class CallLost(Exception):
    """A call ended without an answer: refused, reset or cut off."""


class Calls:
    """Speaks to wire names such as `http://server.test` at the addresses where they listen in this run."""

    def __init__(self, peers: Mapping[str, str]) -> None:
        self._peers = dict(peers)
        self._client: aiohttp.ClientSession | None = None

    async def post_json(self, url: str, body: Mapping[str, object], *, headers: Mapping[str, str]) -> WireAnswer:
        """Post JSON. Raises `CallLost` when no answer came."""
        about = {"Content-Type": "application/json", **headers}
        return await self._ask("POST", url, headers=about, content=msgspec.json.encode(body))

    async def post_form(self, url: str, fields: Mapping[str, str]) -> WireAnswer:
        """Post a form as a browser does. Raises `CallLost` when no answer came."""
        about = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", url, headers=about, content=urlencode(fields).encode())

    async def post_body(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> WireAnswer:
        """Post bytes as they are. Raises `CallLost` when no answer came."""
        return await self._ask("POST", url, headers=headers, content=body)

    def locate(self, url: str) -> tuple[str, dict[str, str]]:
        """Return where a wire name's URL is reached in this run, and the headers that every call of ours has."""
        parts = urlsplit(url)
        address = self._peers.get(f"{parts.scheme}://{parts.netloc}", parts.netloc)
        where = urlunsplit((parts.scheme, address, parts.path, parts.query, ""))
        return where, {"Host": parts.netloc, "User-Agent": "gatewright"}

    async def get(self, url: str) -> WireAnswer:
        """Get. Raises `CallLost` when no answer came."""
        return await self._ask("GET", url, headers={}, content=None)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _ask(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None) -> WireAnswer:
        where, named = self.locate(url)
        target = URL(quote(where, safe=_WRITTEN_AS_IT_IS), encoded=True)
        asked = self._open().request(method, target, headers={**named, **headers}, data=content, allow_redirects=False)
        try:
            async with asked as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError) as lost:
            raise CallLost(f"{method} {target.path}: {type(lost).__name__}") from lost
        told = {name.lower(): ", ".join(answer.headers.getall(name)) for name in answer.headers}
        return WireAnswer(answer.status, told, body)

    def _open(self) -> aiohttp.ClientSession:
        """Return the client; it can be made only where a loop runs."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, limit=0, ssl=NO_TLS),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A call may wait for hours of virtual time; the conductor caps the real ones.
                timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
                skip_auto_headers=("Accept", "Accept-Encoding"),
                trust_env=False,
                middlewares=(_once,),
            )
        return self._client


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a GET again by itself where the connection broke: a story counts what it sends."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as broken:
        raise aiohttp.ClientPayloadError(str(broken)) from broken
