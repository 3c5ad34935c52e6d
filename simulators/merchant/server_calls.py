"""The shop backend's calls to the reference server: with the merchant's key, within a limit, written down."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import msgspec

from simulators.accounts import Account
from simulators.journal import Actor, Direction, Exchange, Kind, Outcome, Request, WireAnswer, body_text
from simulators.limits import OutgoingCall, limited
from simulators.network import Network
from simulators.redaction import Redaction
from simulators.settings import Settings

# The server itself waits up to 10 s for a gateway's session.
LIMIT_SECONDS = 15
ANSWER_BYTES_MAX = 256 * 1024


class CallLost(Exception):
    """No answer came, or one that is too long to be the server's."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answered."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class ServerCalls:
    """One HTTP client of the shop's."""

    def __init__(
        self, settings: Settings, network: Network, *, redaction: Redaction, account: Callable[[], Account]
    ) -> None:
        self._base = settings.server_url
        self._key = settings.merchant_api_key
        self._secret = settings.merchant_api_secret.get_secret_value()
        self._network = network
        self._redaction = redaction
        self._account = account
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client. Time limits are kept by the account's clock."""
        self._client = aiohttp.ClientSession(
            connector=self._network.connector(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            trust_env=False,
        )

    async def stop(self) -> None:
        """Close the client."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def ask(self, method: str, path: str, *, operation: str, body: object = None) -> Response:
        """Call the server as the merchant. Raises `CallLost`."""
        account = self._account()
        url = f"{self._base}{path}"
        sent = b"" if body is None else msgspec.json.encode(body)
        headers = {"X-Api-Key": self._key, "X-Api-Secret": self._secret}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        told = self._redaction.headers((name.lower().encode(), value.encode()) for name, value in headers.items())
        request = Request(
            method, self._redaction.text(url), told, self._redaction.body(body_text(sent), "application/json")
        )
        exchange = Exchange(Direction.OUT, Kind.CALL, operation, Actor.MERCHANT, Actor.SERVER, request)
        account.journal.begin(exchange)
        outcome, answer = Outcome.UNREACHABLE, None
        try:
            async with limited(
                account.clock, self._network, call=OutgoingCall(url, LIMIT_SECONDS, f"limit of {operation}")
            ):
                with account.activity.calling():
                    answer = await self._send(method, url, headers=headers, body=sent)
            outcome = Outcome.ANSWERED
        except TimeoutError as late:
            outcome = Outcome.TIMED_OUT
            raise CallLost("no answer in time") from late
        except (aiohttp.ClientError, OSError) as broken:
            raise CallLost(type(broken).__name__) from broken
        finally:
            account.journal.end(exchange, outcome, answer=answer and self._told(answer))
        if answer is None:  # pragma: no cover  # for the type checker: neither context swallows what is raised in it
            raise CallLost("no answer")
        return answer

    async def _send(self, method: str, url: str, *, headers: dict[str, str], body: bytes) -> Response:
        if self._client is None:
            raise RuntimeError("the shop is not started")
        async with self._client.request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            read = bytearray()
            async for part in answer.content.iter_any():
                read += part
                if len(read) > ANSWER_BYTES_MAX:
                    raise aiohttp.ClientPayloadError("the answer is too long")
            return Response(answer.status, answer.raw_headers, bytes(read))

    def _told(self, answer: Response) -> WireAnswer:
        headers = [(name.lower(), value) for name, value in self._redaction.headers(answer.headers)]
        return WireAnswer(answer.status, headers, self._redaction.body(body_text(answer.body), "application/json"))
