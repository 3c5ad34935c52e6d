"""The one way out: every call to a peer is counted, limited in time, journaled and blamed here, and nowhere else."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx

from reference_server.activity import Activity
from reference_server.clock import Clock, ClockMode, machine_ordinal
from reference_server.errors import GatewayTimedOutError, GatewayUnreachableError
from reference_server.journal import Exchange, Journal, Message
from reference_server.network import Network

Transport = httpx.AsyncBaseTransport

# A peer's answer is a page of JSON; whatever is longer is cut off and read as nonsense.
ANSWER_BYTES_MAX = 1_048_576


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """What to send, to whom, and how long to wait for the whole answer."""

    operation: str
    method: str
    url: str = field(repr=False)
    limit_seconds: float
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    kind: str = "call"
    receiver: str = "gateway"
    account: str = ""
    subject: str = ""
    # Which gateway is asked; empty for anybody else.
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What came back, whatever its HTTP status."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


# Hears of each call that has ended: what came of it, and how many seconds of the machine's it took.
Observe = Callable[[OutgoingCall, str, float], None]


class Outgoing:
    """Makes calls within a running activity."""

    def __init__(
        self,
        clock: Clock,
        activity: Activity,
        *,
        journal: Journal,
        network: Network,
        transport: Transport | None = None,
    ) -> None:
        self.observe: Observe = lambda call, outcome, seconds: None
        self._clock = clock
        self._activity = activity
        self._journal = journal
        self._network = network
        # Redirects would carry credentials to wherever a gateway says.
        self._client = httpx.AsyncClient(
            transport=transport or network.httpx_transport(lambda: clock.mode is ClockMode.SYSTEM),
            timeout=None,  # noqa: S113  # limits in time are the clock's; httpx knows only the machine's
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "gatewright"},
        )

    async def call(self, call: OutgoingCall) -> PeerAnswer:
        """Return the whole answer. Raises `GatewayTimedOutError` or `GatewayUnreachableError`: the work may be done."""
        request = self._build(call)
        exchange = self._begin(call, request)
        began = machine_ordinal()
        try:
            async with self._limit(call):
                with self._activity.calling():
                    return await self._exchange(request, exchange)
        except TimeoutError:
            self._journal.end(exchange, "timed_out")
            raise GatewayTimedOutError(f"{call.operation}: no answer within {call.limit_seconds:g} s") from None
        except httpx.ConnectError:
            self._journal.end(exchange, "unreachable")
            raise GatewayUnreachableError(f"{call.operation}: nobody answers there") from None
        except httpx.HTTPError as error:
            self._journal.end(exchange, "reset")
            raise GatewayUnreachableError(f"{call.operation}: the answer was lost ({type(error).__name__})") from None
        finally:
            self.observe(call, _outcome_of(exchange), (machine_ordinal() - began) / 1e9)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def _build(self, call: OutgoingCall) -> httpx.Request:
        try:
            # Reads the port too, which httpx takes whatever it is.
            self._network.address_of(call.url)
            return self._client.build_request(
                call.method, call.url, content=call.body or None, headers=dict(call.headers or {})
            )
        # An address or a header of a merchant's that cannot be written: nobody can be reached there.
        except (httpx.InvalidURL, ValueError) as error:
            raise GatewayUnreachableError(f"{call.operation}: it cannot be sent ({type(error).__name__})") from None

    async def _exchange(self, request: httpx.Request, exchange: Exchange) -> PeerAnswer:
        response = await self._client.send(request, stream=True)
        body = bytearray()
        try:
            answer = exchange.answer = Message(tuple(response.headers.raw), status=response.status_code)
            async for chunk in response.aiter_bytes():
                body += chunk
                answer.keep(chunk)
                if len(body) > ANSWER_BYTES_MAX:
                    break
        finally:
            await response.aclose()
        self._journal.end(exchange, "answered")
        return PeerAnswer(response.status_code, bytes(body), response.headers)

    def _begin(self, call: OutgoingCall, request: httpx.Request) -> Exchange:
        half = Message(tuple(request.headers.raw))
        half.keep(call.body)
        target = (call.method, str(request.url))
        exchange = self._journal.begin("out", ("server", call.receiver), target=target, request=half)
        exchange.kind, exchange.operation = call.kind, call.operation
        exchange.account, exchange.subject = call.account, call.subject
        return exchange

    def _limit(self, call: OutgoingCall) -> AbstractAsyncContextManager[object]:
        # A peer that keeps another clock would never see ours move on.
        if self._clock.mode is ClockMode.VIRTUAL and not self._network.is_ours(call.url):
            return asyncio.timeout(call.limit_seconds)
        return self._clock.limit(call.limit_seconds, purpose=f"limit of {call.operation}")


def _outcome_of(exchange: Exchange) -> str:
    """Return 2xx to 5xx of an answer, and otherwise what the journal says of the call."""
    answer = exchange.answer if exchange.outcome == "answered" else None
    return exchange.outcome if answer is None else f"{answer.status // 100}xx"
