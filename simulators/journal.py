"""The journal of one account: a bounded record of what came and went on the wire, as `Exchange` of control.yaml."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from simulators.clock import Clock

CAPACITY = 10_000
BODY_BYTES = 16 * 1024
# What the texts of one journal may come to, counted in characters; some thousands of exchanges with long bodies.
TEXT_MAX = 64 * 1024 * 1024


class Direction(Enum):
    """Whether we took the request or made it."""

    IN = "in"
    OUT = "out"


class Kind(Enum):
    """What an exchange is for."""

    CALL = "call"
    NOTIFICATION = "notification"
    RETURN = "return"
    PAGE = "page"
    PROVISIONING = "provisioning"


class Actor(Enum):
    """Who speaks."""

    SHOPPER = "shopper"
    MERCHANT = "merchant"
    SERVER = "server"
    GATEWAY = "gateway"
    PROVISIONING = "provisioning"
    STRANGER = "stranger"


class Outcome(Enum):
    """How an exchange ended, as this side saw it."""

    OPEN = "open"
    ANSWERED = "answered"
    NEVER_SENT = "never_sent"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    RESET = "reset"
    HUNG_UP = "hung_up"
    REFUSED_BY_GUARD = "refused_by_guard"


Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent, without secrets."""

    method: str
    url: str
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer as it was sent, without secrets."""

    status: int
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an exchange changed: `resource` is gateway_order or attempt, `cause` the event in our words."""

    resource: str
    id: str
    before: str
    after: str
    cause: str


@dataclass(slots=True)
class Exchange:
    """One request and its answer. Grows while it is open: whoever answers adds what only it knows."""

    direction: Direction
    kind: Kind
    operation: str
    sender: Actor
    receiver: Actor
    request: Request
    # Place of its start among all exchanges of the run, and the instant; both are given when it is begun.
    order: int = 0
    id: int = 0
    at: datetime | None = None
    ended_order: int | None = None
    ended_at: datetime | None = None
    account: str = ""
    subject: str | None = None
    answer: WireAnswer | None = None
    outcome: Outcome = Outcome.OPEN
    faults: list[str] = field(default_factory=list[str])
    forged: bool = False
    note: str | None = None
    changes: list[Change] = field(default_factory=list[Change])

    def add_note(self, text: str) -> None:
        """Add a sentence to the note."""
        self.note = text if self.note is None else f"{self.note}; {text}"


class Journal:
    """A ring of exchanges. The newest pushes the oldest out, and how many went is told."""

    def __init__(
        self,
        clock: Clock,
        ordinal: Callable[[], int],
        *,
        account: str,
        capacity: int = CAPACITY,
        text_max: int = TEXT_MAX,
    ) -> None:
        self._clock = clock
        self._ordinal = ordinal
        self._account = account
        self._ring: deque[Exchange] = deque()
        self._capacity = capacity
        self._text_max = text_max
        self._weights: dict[int, int] = {}
        self._text = 0
        self._last_id = 0
        self._news = asyncio.Event()
        self.dropped = 0

    @property
    def news(self) -> asyncio.Event:
        """Return an event that is set when the next exchange begins."""
        return self._news

    def begin(self, exchange: Exchange) -> Exchange:
        """Write down that an exchange has begun; a place in the run's order that it has already is kept."""
        self._last_id += 1
        exchange.id = self._last_id
        exchange.order = exchange.order or self._ordinal()
        exchange.at = self._clock.now()
        exchange.account = self._account
        self._ring.append(exchange)
        self._weigh(exchange)
        self._news.set()
        self._news = asyncio.Event()
        return exchange

    def end(self, exchange: Exchange, outcome: Outcome, *, answer: WireAnswer | None = None) -> None:
        """Write down how it ended."""
        exchange.outcome = outcome
        exchange.answer = answer
        exchange.ended_order = self._ordinal()
        exchange.ended_at = self._clock.now()
        if exchange.id in self._weights:
            self._weigh(exchange)

    def read(self, *, after: int = 0, operation: str | None = None, subject: str | None = None) -> Iterator[Exchange]:
        """Yield the exchanges after an id, oldest first, narrowed where asked."""
        for exchange in self._ring:
            if exchange.id > after and operation in {None, exchange.operation} and subject in {None, exchange.subject}:
                yield exchange

    def clear(self) -> None:
        """Forget the exchanges; ids go on, so that a follower is not led astray."""
        self._ring.clear()
        self._weights.clear()
        self._text = 0
        self.dropped = 0

    def _weigh(self, exchange: Exchange) -> None:
        """Count the exchange's text anew, and let the oldest go while there is too much; the newest always stays."""
        weight = _weight_of(exchange)
        self._text += weight - self._weights.get(exchange.id, 0)
        self._weights[exchange.id] = weight
        while len(self._ring) > 1 and (len(self._ring) > self._capacity or self._text > self._text_max):
            self._text -= self._weights.pop(self._ring.popleft().id)
            self.dropped += 1


def _weight_of(exchange: Exchange) -> int:
    request, answer = exchange.request, exchange.answer
    parts = [request.url, request.body, exchange.note or "", exchange.subject or "", answer.body if answer else ""]
    headers = [*request.headers, *(answer.headers if answer else ())]
    return sum(map(len, parts)) + sum(len(name) + len(value) for name, value in headers)


def render_exchange(exchange: Exchange) -> dict[str, object]:
    """Word an exchange as control.yaml does."""
    answer = exchange.answer
    told: dict[str, object] = {
        "id": exchange.id,
        "order": exchange.order,
        "ended_order": exchange.ended_order,
        "at": render_instant(exchange.at),
        "ended_at": render_instant(exchange.ended_at),
        "direction": exchange.direction.value,
        "kind": exchange.kind.value,
        "operation": exchange.operation,
        "from": exchange.sender.value,
        "to": exchange.receiver.value,
        "account": exchange.account,
        "request": _request(exchange.request),
        "answer": answer and {"status": answer.status, "headers": answer.headers, "body": answer.body},
        "outcome": exchange.outcome.value,
        "faults": exchange.faults,
        "forged": exchange.forged,
        "changes": [_change(change) for change in exchange.changes],
    }
    # An order's id may come with a NUL, which no text of our documents may hold.
    optional = {"subject": exchange.subject and exchange.subject.replace("\x00", "\\x00"), "note": exchange.note}
    return told | {name: value for name, value in optional.items() if value is not None}


def _request(request: Request) -> dict[str, object]:
    return {"method": request.method, "url": request.url, "headers": request.headers, "body": request.body}


def _change(change: Change) -> dict[str, object]:
    return {
        "resource": change.resource,
        "id": change.id,
        "before": change.before,
        "after": change.after,
        "cause": change.cause,
    }


def render_instant(instant: datetime | None) -> str | None:
    """Word an instant as control.yaml asks: UTC with Z and microseconds."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def body_text(body: bytes) -> str:
    """Give the first 16 KiB of a body as text; what is no UTF-8, and NUL, is written as escapes: none is lost."""
    return body[:BODY_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
