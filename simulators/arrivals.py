"""One inbound request from its arrival to its end: counted, written down, and given to the account it belongs to.

Whose it is shows late (the credentials may be in the body), so a request is nobody's until somebody claims it. What
nobody has claimed when it ends goes to the journal of the account `default`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from contracts.binding import ASGIApp, Receive, Scope, Send
from simulators.activity import Activity, Taken
from simulators.journal import (
    BODY_BYTES,
    Actor,
    Direction,
    Exchange,
    Journal,
    Kind,
    Outcome,
    Request,
    WireAnswer,
    body_text,
)
from simulators.redaction import Redaction
from simulators.sockets import EXTENSION, PeerConnection


class NeedsSocket(RuntimeError):
    """A fault on the socket was asked of a request that came over none; serve the app with `FaultProtocol`."""


class Claimant(Protocol):
    """An account, as far as a request needs one."""

    @property
    def activity(self) -> Activity: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def arrivals(self) -> "set[Arrival]": ...


@dataclass(slots=True)
class _Recorded:
    """The first bytes of one direction, and its head."""

    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    body: bytearray = field(default_factory=bytearray)
    status: int = 0

    def add(self, part: bytes) -> None:
        if len(self.body) < BODY_BYTES:
            self.body += part[: BODY_BYTES - len(self.body)]

    @property
    def media_type(self) -> str:
        return next((value.decode("latin-1") for name, value in self.headers if name.lower() == b"content-type"), "")


class Arrival:
    """The request at hand. `exchange` is its journal entry, to which whoever answers adds what it knows."""

    def __init__(self, scope: Scope, *, taken: Taken, order: int, redaction: Redaction) -> None:
        self._scope = scope
        self._taken = taken
        self._redaction = redaction
        self._asked = _Recorded(list(scope["headers"]))
        self._answered = _Recorded()
        self._account: Claimant | None = None
        self._is_answered = False
        # How much of the body stands in the journal.
        self._bytes_told = 0
        self._send: Send = _to_nobody
        self.is_cut = False
        self.peer_gone = False
        self.connection: PeerConnection | None = scope.get("extensions", {}).get(EXTENSION)
        # What the request says is written down when somebody claims it.
        unread = Request(scope["method"], "", [], "")
        self.exchange = Exchange(Direction.IN, Kind.CALL, "unknown", Actor.STRANGER, Actor.GATEWAY, unread, order=order)

    @property
    def is_claimed(self) -> bool:
        """Whether an account has been found that it belongs to."""
        return self._account is not None

    def claim(self, account: Claimant) -> None:
        """Count it with `account` and write it into that account's journal."""
        self._account = account
        self._taken.move(account.activity)
        account.arrivals.add(self)
        self.exchange.request = self._request()
        self._bytes_told = len(self._asked.body)
        account.journal.begin(self.exchange)

    def hang_up(self) -> None:
        """Note that the peer has gone."""
        if not self._is_answered:
            self.peer_gone = True
        self._taken.peer_gone()

    def reset(self) -> None:
        """Cut the connection off. Raises `NeedsSocket`."""
        self.is_cut = True
        self.wire.reset()

    async def send(self, message: Any) -> None:
        """Send one ASGI message of the answer, past whoever answers by the document."""
        await self._send(message)

    def call_it_answered(self) -> None:
        """Take what was sent for the whole answer, although HTTP would have more."""
        self._is_answered = True

    @property
    def has_no_content(self) -> bool:
        """Whether its answer has a head alone (RFC 9110 section 9.3.2)."""
        return self._scope["method"] == "HEAD"

    @property
    def agent(self) -> bytes:
        """What the peer calls itself."""
        return next((value for name, value in self._asked.headers if name.lower() == b"user-agent"), b"")

    @property
    def accept(self) -> str:
        """What the peer would rather read (RFC 9110 section 12.5.1), all of it in one line."""
        told = [value.decode("latin-1") for name, value in self._asked.headers if name.lower() == b"accept"]
        return ", ".join(told)

    @property
    def wire(self) -> PeerConnection:
        """The connection that it came over. Raises `NeedsSocket`."""
        if self.connection is None:
            raise NeedsSocket("faults on sockets need a listener with the simulators' http_protocol")
        return self.connection

    async def run(self, app: ASGIApp, receive: Receive, *, send: Send) -> None:
        """Let `app` answer, writing down what comes and goes."""

        async def received() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                self._asked.add(message.get("body", b""))
            return message

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._answered.status = message["status"]
                self._answered.headers = list(message.get("headers", []))
            else:
                self._answered.add(message.get("body", b""))
                self._is_answered = self._is_answered or not (message.get("more_body") or self.peer_gone)
            await send(message)

        self._send = sent
        if self.connection is not None:
            self.connection.watch(self.hang_up)
        await app(self._scope, received, sent)

    def end(self) -> None:
        """Close the books."""
        if self.connection is not None:
            self.connection.unwatch(self.hang_up)
        account = self._account
        if account is not None:
            account.arrivals.discard(self)
            if len(self._asked.body) != self._bytes_told:
                self.exchange.request = self._request()
            account.journal.end(self.exchange, self._outcome(), answer=self._wire_answer())
        self._taken.end()

    def _outcome(self) -> Outcome:
        if self.is_cut:
            return Outcome.RESET
        return Outcome.ANSWERED if self._is_answered else Outcome.HUNG_UP

    def _wire_answer(self) -> WireAnswer | None:
        if not self._is_answered:
            return None
        told = self._answered
        body = self._redaction.body(body_text(bytes(told.body)), told.media_type)
        return WireAnswer(told.status, self._redaction.headers(told.headers), body)

    def _request(self) -> Request:
        scope = self._scope
        headers = self._redaction.headers(self._asked.headers)
        host = next((value for name, value in headers if name == "host"), "")
        query = self._redaction.query(scope.get("query_string", b"").decode("latin-1"))
        path = self._redaction.text(scope.get("raw_path", b"").decode("latin-1") or scope["path"])
        url = f"{scope['scheme']}://{host}{path}{'?' if query else ''}{query}"
        body = self._redaction.body(body_text(bytes(self._asked.body)), self._asked.media_type)
        return Request(scope["method"], url, headers, body)


async def _to_nobody(message: Any) -> None:
    """Stand for a peer that is not there yet."""


_CURRENT: ContextVar[Arrival] = ContextVar("arrival")


def current_arrival() -> Arrival:
    """Return the request that the running task answers."""
    return _CURRENT.get()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Takes requests in. `nobody` is the account whose journal gets what no account claims."""

    unclaimed: Activity
    ordinal: Callable[[], int]
    redaction: Redaction
    nobody: Callable[[], Claimant]

    def taking(self, app: ASGIApp, *, receiver: Actor = Actor.GATEWAY) -> ASGIApp:
        """Wrap an app so that each of its requests is an `Arrival` from its first byte to its last."""

        async def arriving(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            taken = Taken(self.unclaimed)
            arrival = Arrival(scope, taken=taken, order=self.ordinal(), redaction=self.redaction)
            arrival.exchange.receiver = receiver
            _CURRENT.set(arrival)
            try:
                await arrival.run(app, receive, send=send)
            finally:
                if not arrival.is_claimed:
                    arrival.claim(self.nobody())
                arrival.end()

        return arriving
