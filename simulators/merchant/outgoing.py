"""The merchant's outgoing calls: within a limit, counted, and written into the account's journal."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from simulators.accounts import Account
from simulators.journal import Actor, Direction, Exchange, Kind, Outcome, Request, WireAnswer, body_text
from simulators.limits import OutgoingCall, limited
from simulators.network import GuardRefusal, Network
from simulators.redaction import Redaction

ANSWER_BYTES_MAX = 256 * 1024
# How the played shop is told apart from whatever else calls the simulated gateways.
SHOP_AGENT = "gatewright-shop"
# The last call of the running job: what the job changes is written beside it.
LAST_CALL: ContextVar[Exchange] = ContextVar("last call of the merchant")


class CallLost(Exception):
    """No answer came, or one that is too long to be meant."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the peer answered."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call. `is_own` is an address of this very process, which keeps the account's clock."""

    method: str
    url: str
    operation: str
    receiver: Actor
    limit_seconds: float
    kind: Kind = Kind.CALL
    subject: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    is_own: bool = False
    follows_redirects: bool = False


class _Reset(aiohttp.ClientError):
    """The connection broke after the request had left."""


def _outcome_of(broken: Exception) -> tuple[Outcome, GuardRefusal | None]:
    """Say how a call ended without an answer; the guard's refusal of a redirect or of a resolved name comes wrapped."""
    refusal = broken if isinstance(broken, GuardRefusal) else broken.__cause__
    if isinstance(refusal, GuardRefusal):
        return Outcome.REFUSED_BY_GUARD, refusal
    return (Outcome.UNREACHABLE if isinstance(broken, aiohttp.ClientConnectorError) else Outcome.RESET), None


class Outlet:
    """One HTTP client for all accounts' merchants; each call has a connection of its own."""

    def __init__(self, network: Network, redaction: Redaction) -> None:
        self._network = network
        self._redaction = redaction
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client."""
        self._client = self._network.open_client(middlewares=(self._send_once,))

    async def stop(self) -> None:
        """Close the client."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def ask(self, account: Account, call: Outgoing) -> Response:
        """Make a call for an account. Raises `CallLost`."""
        exchange = account.journal.begin(self._exchange(call))
        LAST_CALL.set(exchange)
        outcome, answer = Outcome.UNREACHABLE, None
        try:
            target = self._network.judge(call.url)
            async with self._limit(account, call):
                with account.activity.calling():
                    answer = await self._send(target, call)
            outcome = Outcome.ANSWERED
        except TimeoutError as late:
            outcome = Outcome.TIMED_OUT
            raise CallLost("no answer in time") from late
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            outcome, refusal = _outcome_of(broken)
            if refusal is not None:
                exchange.add_note(str(refusal))
            raise CallLost("the guard refused the address" if refusal else type(broken).__name__) from broken
        finally:
            account.journal.end(exchange, outcome, answer=answer and self._told(answer))
        if answer is None:  # pragma: no cover  # for the type checker: neither context swallows what is raised in it
            raise CallLost("no answer")
        return answer

    def _limit(self, account: Account, call: Outgoing) -> AbstractAsyncContextManager[None]:
        purpose = f"limit of {call.operation}"
        if call.is_own:
            return account.clock.limit(call.limit_seconds, purpose=purpose)
        return limited(account.clock, self._network, call=OutgoingCall(call.url, call.limit_seconds, purpose))

    async def _send(self, target: URL, call: Outgoing) -> Response:
        if self._client is None:
            raise RuntimeError("the merchant's client is not started")
        asked = self._client.request(
            call.method, target, headers=call.headers, data=call.body or None, allow_redirects=call.follows_redirects
        )
        async with asked as answer:
            read = bytearray()
            async for part in answer.content.iter_any():
                read += part
                if len(read) > ANSWER_BYTES_MAX:
                    raise aiohttp.ClientPayloadError("the answer is too long")
            return Response(answer.status, answer.raw_headers, bytes(read))

    async def _send_once(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Judge where each request goes, a redirected one too, and send it once.

        aiohttp would silently send a GET again that met a reset, although the peer may have done what it asked for:
        SSLCommerz' refund is a GET. And it asks no resolver about an address that is a number.
        """
        self._network.judge(str(request.url))
        try:
            return await send(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as broken:
            raise _Reset(str(broken)) from broken

    def _exchange(self, call: Outgoing) -> Exchange:
        headers = self._redaction.headers(
            (name.lower().encode(), value.encode()) for name, value in call.headers.items()
        )
        media_type = call.headers.get("Content-Type", "")
        url, _, query = call.url.partition("?")
        told = self._redaction.text(url) + (f"?{self._redaction.query(query)}" if query else "")
        request = Request(call.method, told, headers, self._redaction.body(body_text(call.body), media_type))
        return Exchange(
            Direction.OUT, call.kind, call.operation, Actor.MERCHANT, call.receiver, request, subject=call.subject
        )

    def _told(self, answer: Response) -> WireAnswer:
        headers = [(name.lower(), value) for name, value in self._redaction.headers(answer.headers)]
        media_type = next((value for name, value in headers if name == "content-type"), "")
        return WireAnswer(answer.status, headers, self._redaction.body(body_text(answer.body), media_type))
