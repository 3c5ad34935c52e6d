"""What came and went on the wire of this side: a bounded ring of exchanges, secrets blanked. Not the audit trail.

Operations, rules and callers add to the exchange that they are part of through `current()`.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime

from reference_server.changes import Change
from reference_server.clock import Clock
from reference_server.instruments.blanking import blank_card_numbers
from reference_server.redaction import BLANK, SECRET_FIELDS, Redaction

CAPACITY = 10_000
BODY_BYTES_MAX = 16_384

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(slots=True)
class Message:
    """One half of an exchange; of the body only the first 16 KiB are kept."""

    headers: Headers
    body: bytearray = field(default_factory=bytearray)
    status: int = 0
    # Takes out of the whole body what must not be kept; until then none of it is shown.
    blank: Callable[[bytes], bytes] | None = None
    is_cut: bool = False

    def keep(self, chunk: bytes) -> None:
        """Keep so much of a further piece of the body as there is room for."""
        self.body += chunk[: BODY_BYTES_MAX - len(self.body)]
        self.is_cut = len(self.body) >= BODY_BYTES_MAX

    def seal(self) -> None:
        """Say that no more of the body comes."""
        if self.blank is not None:
            self.body, self.blank = bytearray(self.blank(bytes(self.body))), None


_IDS = re.compile(rb"\b(?:order|pay|rfnd|ses)_[0-9a-z-]+")


@dataclass(slots=True)
class Exchange:
    """One request with its answer, as `contracts/control.yaml` describes it."""

    id: int
    order: int
    at: datetime
    direction: str
    sender: str
    receiver: str
    method: str
    url: str
    request: Message
    kind: str = "call"
    operation: str = ""
    account: str = ""
    subject: str = ""
    answer: Message | None = None
    outcome: str = "open"
    ended_order: int | None = None
    ended_at: datetime | None = None
    forged: bool = False
    note: str = ""
    changes: list[Change] = field(default_factory=list[Change])
    # Somebody's personal details go both ways: nothing is kept of them.
    is_private: bool = False

    def forget(self) -> None:
        """Keep of it that it was, and nothing of what was said."""
        self.note, self.url = "", self.url.partition("?")[0]
        self.changes = [replace(change, cause="") for change in self.changes]
        for half in (self.request, self.answer):
            if half is not None:
                half.body.clear()

    def says(self, names: Container[str], values: Iterable[bytes]) -> bool:
        """Say whether it is about one of these, or tells one of the values."""
        told = b"\0".join([self.url.encode(), self.request.body, b"" if self.answer is None else self.answer.body])
        is_named = self.subject in names or any(found.decode() in names for found in _IDS.findall(told))
        return is_named or any(value in told for value in values)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which exchanges are wanted; what is empty selects nothing away."""

    after: int = 0
    limit: int = 1000
    operation: str = ""
    order: str = ""
    account: str = ""

    def has(self, exchange: Exchange) -> bool:
        """Say whether the exchange is one of them."""
        return (
            exchange.id > self.after
            and self.operation in {"", exchange.operation}
            and self.order in {"", exchange.subject}
            and self.account in {"", exchange.account}
        )


EVERYTHING = Selection()

_current: ContextVar[Exchange | None] = ContextVar("current exchange", default=None)


def current() -> Exchange | None:
    """Return the exchange that this activity is part of: the inbound one, or else its latest outgoing one."""
    return _current.get()


def annotate(*, note: str = "", forged: bool = False, subject: str = "", account: str = "") -> None:
    """Add to the current exchange what is learnt on the way; what is empty stays as it was."""
    exchange = _current.get()
    if exchange is None:
        return
    # A note may quote what was asked: the name of a member, say.
    exchange.note = blank_card_numbers(note) or exchange.note
    exchange.forged = forged or exchange.forged
    exchange.subject = subject or exchange.subject
    exchange.account = account or exchange.account


def annotate_changes(changes: Iterable[Change]) -> None:
    """Say what the current exchange changed."""
    exchange = _current.get()
    if exchange is not None:
        exchange.changes.extend(changes)


class Journal:
    """The ring. `ordinal` places the start and the end of exchanges among those of every side of a run."""

    def __init__(self, clock: Clock, ordinal: Callable[[], int], *, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._ordinal = ordinal
        self._ring: deque[Exchange] = deque(maxlen=capacity)
        self._begun = 0
        self._forgotten = 0
        self._news = asyncio.Event()
        self._erased: set[tuple[str, str]] = set()
        self.redaction = Redaction()

    @property
    def dropped(self) -> int:
        """How many older exchanges the ring has let go."""
        return self._begun - self._forgotten - len(self._ring)

    def begin(self, direction: str, parties: tuple[str, str], *, target: tuple[str, str], request: Message) -> Exchange:
        """Note a request as it starts: parties are (from, to), target is (method, URL)."""
        self._begun += 1
        exchange = Exchange(
            id=self._begun,
            order=self._ordinal(),
            at=self._clock.now(),
            direction=direction,
            sender=parties[0],
            receiver=parties[1],
            method=target[0],
            url=target[1],
            request=request,
        )
        self._ring.append(exchange)
        if direction == "in" or _current.get() is None or _is_outgoing(_current.get()):
            _current.set(exchange)
        return exchange

    def end(self, exchange: Exchange, outcome: str) -> None:
        """Note how it came out; the first word stands."""
        if exchange.outcome != "open":
            return
        exchange.outcome = outcome
        exchange.ended_order = self._ordinal()
        exchange.ended_at = self._clock.now()
        if exchange.is_private or (exchange.account, exchange.subject) in self._erased:
            exchange.forget()
        self._news.set()

    def erase(self, account: str, names: Collection[str], *, values: Collection[str] = ()) -> None:
        """Forget what was said in exchanges of the account about these orders, and whatever is said of them yet."""
        self.know_erased((account, name) for name in names)
        wanted = [value.encode() for value in values]
        for exchange in self._ring:
            if exchange.account in {"", account} and exchange.says(names, wanted):
                exchange.forget()

    def know_erased(self, orders: Iterable[tuple[str, str]]) -> None:
        """Keep nothing of what is said of these orders, each by its account and name: so far, and from now on."""
        new = set(orders) - self._erased
        self._erased |= new
        for exchange in self._ring:
            if (exchange.account, exchange.subject) in new:
                exchange.forget()

    def clear(self, account: str = "") -> None:
        """Forget what was, or what was known to be of one account; ids go on."""
        kept = [exchange for exchange in self._ring if account not in {"", exchange.account}]
        self._forgotten = self._forgotten + len(self._ring) - len(kept) if account else self._begun
        self._ring.clear()
        self._ring.extend(kept)

    def read(self, selection: Selection = EVERYTHING) -> list[dict[str, object]]:
        """Return exchanges as the control plane shows them, oldest first."""
        wanted = [exchange for exchange in self._ring if selection.has(exchange)]
        return [_render_exchange(exchange, self.redaction) for exchange in wanted[: selection.limit]]

    async def wait_for_newer(self, after: int, *, seconds: int) -> None:
        """Wait at most so many real seconds for an exchange whose id is greater than `after`."""
        ends = self._clock.wall().timestamp() + seconds
        while self._begun <= after and self._clock.wall().timestamp() < ends:
            await self._clock.idle(None, wake=self._news)


def _render_exchange(exchange: Exchange, redaction: Redaction) -> dict[str, object]:
    """Write one exchange as `contracts/control.yaml` describes it, secrets blanked."""
    return {
        "id": exchange.id,
        "order": exchange.order,
        "ended_order": exchange.ended_order,
        "at": exchange.at,
        "ended_at": exchange.ended_at,
        "direction": exchange.direction,
        "kind": exchange.kind,
        "operation": exchange.operation,
        "from": exchange.sender,
        "to": exchange.receiver,
        "account": exchange.account,
        "subject": exchange.subject,
        "request": {
            "method": exchange.method,
            "url": redaction.blank_text(exchange.url),
            "headers": _render_headers(exchange.request.headers, redaction),
            "body": _render_body(exchange.request, redaction),
        },
        "answer": _render_answer(exchange.answer, redaction),
        "outcome": exchange.outcome,
        "faults": [],
        "forged": exchange.forged,
        "note": redaction.blank_text(exchange.note),
        "changes": [
            {"resource": it.resource, "id": it.id, "before": it.before, "after": it.after, "cause": it.cause}
            for it in exchange.changes
        ],
    }


def _render_answer(answer: Message | None, redaction: Redaction) -> dict[str, object] | None:
    if answer is None:
        return None
    return {
        "status": answer.status,
        "headers": _render_headers(answer.headers, redaction),
        "body": _render_body(answer, redaction),
    }


def _render_body(message: Message, redaction: Redaction) -> str:
    if message.blank is not None:
        return ""
    # No text of our documents may hold a NUL; what came with one is told all the same.
    return redaction.blank_body(message.body, is_cut=message.is_cut).replace("\x00", "\\x00")


def _render_headers(headers: Headers, redaction: Redaction) -> list[list[str]]:
    told = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    return [[name, BLANK if name in SECRET_FIELDS else redaction.blank_text(value)] for name, value in told]


def _is_outgoing(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.direction == "out"
