"""Sends one delivery attempt and says what came of it. Whether and when is the schedule's business.

A receiver may be hostile: one limit is over connecting, headers and body together, and no more of an answer is read
than is kept (failure catalogue H03).
"""

import asyncio
import ssl
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from socket import AF_INET, AF_INET6, AI_NUMERICHOST, AddressFamily
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from reference_server.activity import Activity
from reference_server.clock import Clock, ClockMode
from reference_server.errors import GatewayError, GatewayTimedOutError
from reference_server.journal import Exchange, Journal, Message
from reference_server.outgoing import Outgoing, OutgoingCall
from reference_server.webhooks.guard import Guard, GuardRefusal, Target
from reference_server.webhooks.model import AttemptEnd

# A receiver has nothing to say but its status: whoever answers more is cut off, and that was no delivery.
ANSWER_BYTES_MAX = 65_536
# So much comes from the wire for it at most, with interim answers and chunk heads: reading on costs everybody's time.
WIRE_BYTES_MAX = 1_048_576
# So much of it is kept with the attempt.
KEPT_BYTES = 2_048
USER_AGENT = "gatewright"
# Peers close an idle connection after 5 s (uvicorn's default); ours is given up before that.
_IDLE_SECONDS = 2.0
# So many kept connections may turn out closed before an attempt counts as failed.
_CLOSED_MEANWHILE_MAX = 4
_is_new: ContextVar[bool] = ContextVar("whether the connection of the post under way is new", default=True)


@dataclass(frozen=True, slots=True)
class Posting:
    """One POST: where to, what, and what the journal is told of it."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: list[tuple[str, str]] = field(repr=False)
    kind: str
    account: str
    subject: str


@dataclass(frozen=True, slots=True)
class Answered:
    """How it came out; `code`, `text` and `wait` only with an answer. `wait` is how long the receiver wants to rest."""

    end: AttemptEnd
    code: int | None = None
    text: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SendTerms:
    """How long an attempt may take, and whom certificates are believed of; None: whom the machine believes."""

    limit_seconds: float = 5.0
    authorities: ssl.SSLContext | None = None


class Sender(Protocol):
    """What carries attempts."""

    async def send(self, posting: Posting) -> Answered:
        """Make one attempt; whatever the receiver does ends in an answer here."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class WireSender:
    """Over sockets, with one pool for all endpoints: on the system clock connections are kept for a moment."""

    def __init__(self, clock: Clock, activity: Activity, *, journal: Journal, guard: Guard, terms: SendTerms) -> None:
        self._clock = clock
        self._activity = activity
        self._journal = journal
        self._guard = guard
        self._terms = terms
        self._sessions: dict[ClockMode, aiohttp.ClientSession] = {}

    async def send(self, posting: Posting) -> Answered:
        """Judge the address, then post."""
        exchange = _begin(self._journal, posting)
        try:
            target = self._guard.judge(posting.url)
            async with self._limit(target, posting):
                with self._activity.calling():
                    answered = await self._post(target, posting, exchange)
        except TimeoutError:
            return _end(self._journal, exchange, (AttemptEnd.TIMED_OUT, "timed_out"))
        except GuardRefusal:
            return _end(self._journal, exchange, (AttemptEnd.REFUSED, "refused_by_guard"))
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            return _end(self._journal, exchange, _blame(broken))
        self._journal.end(exchange, "answered")
        return answered

    async def close(self) -> None:
        """Close every connection."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def _post(self, target: Target, posting: Posting, exchange: Exchange) -> Answered:
        """Post; a kept connection that the receiver had closed meanwhile carried nothing, and another is taken."""
        for _ in range(_CLOSED_MEANWHILE_MAX):
            _is_new.set(False)
            try:
                return await self._post_once(target, posting, exchange)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if _is_new.get() or exchange.answer is not None:
                    raise
        raise aiohttp.ServerDisconnectedError

    async def _post_once(self, target: Target, posting: Posting, exchange: Exchange) -> Answered:
        async with self._session().post(
            target.address,
            data=posting.body,
            headers=posting.headers,
            allow_redirects=False,
        ) as answer:
            message = exchange.answer = Message(answer.raw_headers, status=answer.status)
            told, is_whole = await _read(answer.content, message)
            if not is_whole:
                answer.close()
                return Answered(AttemptEnd.TOO_LARGE, answer.status, keep_text(told))
        wait = read_retry_after(answer.headers.get("retry-after", ""), now=self._clock.wall())
        return Answered(AttemptEnd.ANSWERED, answer.status, keep_text(told), wait)

    def _limit(self, target: Target, posting: Posting) -> AbstractAsyncContextManager[object]:
        # A peer that keeps another clock would never see ours move on.
        if self._clock.mode is ClockMode.VIRTUAL and target.is_ours:
            return self._clock.limit(self._terms.limit_seconds, purpose=f"limit of {posting.kind}")
        return asyncio.timeout(self._terms.limit_seconds)

    def _session(self) -> aiohttp.ClientSession:
        mode = self._clock.mode
        if mode not in self._sessions:
            # An idle connection lives on real time: on a virtual clock two runs would differ in who reuses which.
            is_virtual = mode is ClockMode.VIRTUAL
            connector = _Connector(
                resolver=_Resolver(self._guard),
                use_dns_cache=False,
                limit=0,
                ssl=self._terms.authorities or _authorities(),
                force_close=is_virtual,
                keepalive_timeout=None if is_virtual else _IDLE_SECONDS,
            )
            self._sessions[mode] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                # A bomb of a body is never unpacked.
                auto_decompress=False,
                trust_env=False,
            )
        return self._sessions[mode]


class CalledSender:
    """Through `Outgoing`: where what carries calls out was handed in, in place of sockets."""

    def __init__(self, outgoing: Outgoing, guard: Guard, *, clock: Clock, terms: SendTerms) -> None:
        self._outgoing = outgoing
        self._guard = guard
        self._clock = clock
        self._terms = terms

    async def send(self, posting: Posting) -> Answered:
        """Judge the address, then call."""
        call = OutgoingCall(
            operation=posting.kind,
            method="POST",
            url=posting.url,
            limit_seconds=self._terms.limit_seconds,
            body=posting.body,
            headers=dict(posting.headers),
            receiver="merchant",
            account=posting.account,
            subject=posting.subject,
        )
        try:
            self._guard.judge(posting.url)
            answer = await self._outgoing.call(call)
        except GuardRefusal:
            return Answered(AttemptEnd.REFUSED)
        except GatewayTimedOutError:
            return Answered(AttemptEnd.TIMED_OUT)
        except GatewayError:
            return Answered(AttemptEnd.UNREACHABLE)
        wait = read_retry_after(answer.headers.get("retry-after", ""), now=self._clock.wall())
        return Answered(AttemptEnd.ANSWERED, answer.status, keep_text(answer.body), wait)

    async def close(self) -> None:
        """Whoever handed it in closes it."""


def read_retry_after(text: str, *, now: datetime) -> timedelta | None:
    """Read RFC 9110 section 10.2.3, seconds or a date; what is neither, or past, says nothing."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        # More digits than a century of seconds has would overflow, and mean nothing else than that.
        return timedelta(seconds=int(text[:10]))
    try:
        asked = parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return asked if asked > timedelta() else None


def keep_text(body: bytes | bytearray) -> str:
    """Return what is kept of an answer: a bounded beginning, and no NUL, which PostgreSQL stores in no text."""
    return body[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")


class _Bounded(ResponseHandler):
    """Hangs up on a peer that sends more than any answer may have, whatever it dresses it as."""

    _left = WIRE_BYTES_MAX

    def set_response_params(self, *told: Any, **more: Any) -> None:  # as aiohttp's own
        """Begin the next answer."""
        self._left = WIRE_BYTES_MAX
        super().set_response_params(*told, **more)

    def data_received(self, data: bytes) -> None:
        """Take what came in."""
        super().data_received(data)
        self._left -= len(data)
        if self._left < 0 and self.transport is not None:
            # Not `close`, which says nothing to whoever waits for the rest.
            self.transport.abort()


class _Connector(aiohttp.TCPConnector):
    """Notes for the post under way that its connection is a new one; aiohttp's own tracing costs a fifth of a post."""

    def __init__(self, **terms: Any) -> None:
        super().__init__(**terms)  # pyright: ignore[reportUnknownMemberType]  # of aiohttp's parameters one is untyped
        # The library has no other place to say what reads a connection.
        self._factory = partial(_Bounded, loop=self._loop)

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # aiohttp's own
    ) -> ResponseHandler:
        _is_new.set(True)
        return await super()._create_connection(req, traces, timeout)


class _Resolver(AbstractResolver):
    """Looks names up for aiohttp, which then connects to just what is returned."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=found,
                family=AF_INET6 if ":" in address else AF_INET,
                proto=0,
                flags=AI_NUMERICHOST,
            )
            for address, found in await self._guard.resolve(host, port)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _begin(journal: Journal, posting: Posting) -> Exchange:
    half = Message([(name.encode(), value.encode()) for name, value in posting.headers])
    half.keep(posting.body)
    exchange = journal.begin("out", ("server", "merchant"), target=("POST", posting.url), request=half)
    exchange.operation, exchange.account, exchange.subject = posting.kind, posting.account, posting.subject
    return exchange


def _end(journal: Journal, exchange: Exchange, ended: tuple[AttemptEnd, str]) -> Answered:
    end, outcome = ended
    journal.end(exchange, outcome)
    return Answered(end)


def _blame(broken: Exception) -> tuple[AttemptEnd, str]:
    """Return how it ended, for the attempt and for the journal."""
    # The guard's refusal inside the resolver comes wrapped.
    if isinstance(broken.__cause__, GuardRefusal):
        return AttemptEnd.REFUSED, "refused_by_guard"
    if isinstance(broken, aiohttp.ClientSSLError | ssl.SSLError):
        return AttemptEnd.INSECURE, "unreachable"
    if isinstance(broken, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        return AttemptEnd.UNREACHABLE, "unreachable"
    return AttemptEnd.BROKEN, "reset"


async def _read(content: aiohttp.StreamReader, message: Message) -> tuple[bytearray, bool]:
    """Read a whole answer, or so much of it as is read of any."""
    body = bytearray()
    while part := await content.readany():
        body += part
        message.keep(part)
        if len(body) > ANSWER_BYTES_MAX:
            return body, False
    return body, True


def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
