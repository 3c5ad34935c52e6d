"""Joins the two journals: what one side sent and the other took is one arrow. Keeps what each side alone could know."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from scenarios.exchanges import Actor, Answer, Change, Direction, Exchange, Kind, Outcome, Request, Side

# Sent by nobody or to nobody: no record of the other side can be its other half.
_NEVER_ARRIVED = {Outcome.NEVER_SENT, Outcome.UNREACHABLE, Outcome.REFUSED_BY_GUARD}


@dataclass(frozen=True, slots=True)
class Arrow:
    """One request and its answer, as sent and as taken; at least one of the two records is there.

    `number` counts from 1 in the order of sending.
    """

    number: int
    sent: Exchange | None
    taken: Exchange | None

    @property
    def first(self) -> Exchange:
        """Return the sender's record if there is one, else the receiver's."""
        found = self.sent or self.taken
        if found is None:
            raise ValueError("an arrow needs a record of at least one side")
        return found

    @property
    def sender(self) -> Actor:
        return self.first.sender

    @property
    def receiver(self) -> Actor:
        return self.first.receiver

    @property
    def kind(self) -> Kind:
        return self.first.kind

    @property
    def request(self) -> Request:
        return self.first.request

    @property
    def at(self) -> datetime:
        return self.first.at

    @property
    def forged(self) -> bool:
        return any(record.forged for record in self.records)

    @property
    def arrived(self) -> bool:
        """Return whether the request reached somebody: the other side took it, or somebody answered."""
        return self.taken is not None or self.answer is not None

    @property
    def answer(self) -> Answer | None:
        """Return the answer that reached the sender, as far as the sender's own record can tell."""
        return self.first.answer

    @property
    def outcome(self) -> Outcome:
        return self.first.outcome

    @property
    def ended_at(self) -> datetime | None:
        return self.first.ended_at

    @property
    def call_faults(self) -> tuple[str, ...]:
        """Return the faults on the request: those of the sender."""
        return self.sent.faults if self.sent else ()

    @property
    def answer_faults(self) -> tuple[str, ...]:
        """Return the faults on the answer: those of the receiver that the sender did not write down too."""
        if self.taken is None:
            return ()
        return tuple(fault for fault in self.taken.faults if fault not in self.call_faults)

    @property
    def records(self) -> tuple[Exchange, ...]:
        return tuple(record for record in (self.sent, self.taken) if record is not None)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return what the exchange changed on either side, each change once."""
        return tuple(dict.fromkeys(change for record in self.records for change in record.changes))

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(record.note for record in self.records if record.note))


def join_journals(exchanges: Iterable[Exchange]) -> tuple[Arrow, ...]:
    """Join the exchanges of both sides to arrows, in the order in which they were sent."""
    exchanges = list(exchanges)
    sent = [exchange for exchange in exchanges if exchange.direction is Direction.OUT]
    taken = [exchange for exchange in exchanges if exchange.direction is Direction.IN]
    pairs = _match(sent, taken)
    joined = {_identity(pair) for pair in pairs.values()}
    halves = [(exchange, pairs.get(_identity(exchange))) for exchange in sent]
    alone = [(None, exchange) for exchange in taken if _identity(exchange) not in joined]
    ordered = sorted([*halves, *alone], key=_place)
    return tuple(Arrow(number, *half) for number, half in enumerate(ordered, start=1))


_Half: TypeAlias = tuple[Exchange | None, Exchange | None]
_Identity: TypeAlias = tuple[Side, int]


def _place(half: _Half) -> tuple[datetime, int]:
    first = half[0] or half[1]
    if first is None:
        raise ValueError("an arrow needs a record of at least one side")
    return first.at, first.order


def _match(sent: Sequence[Exchange], taken: Sequence[Exchange]) -> dict[_Identity, Exchange]:
    """Find the other half of what was sent: first by the same bytes, then by the same line at the same instant.

    The second look finds a request that arrived other than it left.
    """
    matched: dict[_Identity, Exchange] = {}
    used: set[_Identity] = set()
    for key in (_bytes, _line):
        waiting: dict[Hashable, deque[Exchange]] = defaultdict(deque)
        for exchange in taken:
            if _identity(exchange) not in used:
                waiting[exchange.side, key(exchange)].append(exchange)
        for exchange in sent:
            if _identity(exchange) in matched or exchange.outcome in _NEVER_ARRIVED:
                continue
            found = _first_after(waiting[_other(exchange.side), key(exchange)], exchange)
            if found is not None:
                matched[_identity(exchange)] = found
                used.add(_identity(found))
    return matched


def _first_after(waiting: deque[Exchange], sent: Exchange) -> Exchange | None:
    # What came before this was sent answers to nothing that is still to be matched.
    while waiting and waiting[0].at < sent.at:
        waiting.popleft()
    return waiting.popleft() if waiting else None


def _bytes(exchange: Exchange) -> Hashable:
    return exchange.request.method, target(exchange.request), exchange.request.body


def _line(exchange: Exchange) -> Hashable:
    return exchange.request.method, urlsplit(exchange.request.url).path, exchange.at


def target(request: Request) -> str:
    """Return path and query of a request, whichever way the journal wrote its URL."""
    split = urlsplit(request.url)
    return f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"


def _identity(exchange: Exchange) -> _Identity:
    return exchange.side, exchange.id


def _other(side: Side) -> Side:
    return Side.SIMULATORS if side is Side.SERVER else Side.SERVER
