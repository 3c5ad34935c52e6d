"""The shape of a fault: where it can strike, what settings it takes, and its two kinds of doing.

A fault on notifications turns a plan into a plan. A fault on answers has a moment before the work and one after it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from contracts.binding import Call, NoAnswer
from simulators.faults.plan import Plan
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, Values
from simulators.gateways.gateway import Desk, Spoilable, Spoiler, SpoiltAnswer


class Target(Enum):
    """What a fault can strike."""

    NOTIFICATION = "notification"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault strikes: what only the gateway knows, and the account's desk there."""

    spoiler: Spoiler
    desk: Desk


class Struck(Protocol):
    """The answer that a fault strikes: its request, its connection, its clock and its journal entry."""

    @property
    def place(self) -> Place:
        """The gateway's; only for faults that say what they need of it."""
        ...

    @property
    def call(self) -> Call: ...

    def now(self) -> datetime: ...

    def tell(self, words: str) -> None:
        """Write the fault into the journal entry."""
        ...

    async def sleep(self, seconds: float, *, purpose: str) -> None:
        """Wait on the account's clock."""
        ...

    async def await_notification(self, order: str, *, within_seconds: float) -> bool:
        """Wait until a notification of the order was brought; say whether it was, in that time."""
        ...

    async def stay_silent(self) -> None:
        """Wait until the peer gives up."""
        ...

    def owes_notification(self, order: str) -> bool:
        """Say whether a notification of the order is planned."""
        ...

    async def reset(self) -> None:
        """Cut the peer off, and return when that is done."""
        ...

    async def bring(self, reply: Reply) -> None:
        """Send a spoilt reply past whoever would hold it to a document."""
        ...


class Fault(Protocol):
    """One misbehaviour. What a target it does not have would do is never called."""

    @property
    def name(self) -> str: ...
    @property
    def target(self) -> Target: ...
    @property
    def settings(self) -> tuple[Setting, ...]: ...
    @property
    def summary(self) -> str:
        """What the peer sees, in a line."""
        ...

    def needs(self) -> Spoilable | None:
        """Say what the gateway must lend it of its own knowledge, if anything."""
        ...

    def contradiction(self, values: Values) -> str | None:
        """Say which settings exclude each other, if any do."""
        ...

    def traits(self, values: Values) -> Traits:
        """Say what it decides, for stacks."""
        ...

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        """Return what becomes of a plan of sends."""
        ...

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        """Strike before anything was done. A reply is given instead of the work; `NoAnswer` ends it all."""
        ...

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        """Strike when the answer stands ready."""
        ...


@dataclass(frozen=True, slots=True)
class FaultOnNotifications:
    """What faults on notifications have in common: answers they let be."""

    target = Target.NOTIFICATION

    def needs(self) -> Spoilable | None:
        return None

    def contradiction(self, values: Values) -> str | None:
        return None

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        return None

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        return reply


@dataclass(frozen=True, slots=True)
class FaultOnAnswers:
    """What faults on answers have in common: plans they let be."""

    target = Target.ANSWER

    def needs(self) -> Spoilable | None:
        return None

    def contradiction(self, values: Values) -> str | None:
        return None

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        return plan

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        return None

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        return reply


@dataclass(frozen=True, slots=True)
class FaultOnContents(FaultOnAnswers):
    """What faults have in common that retell the gateway's own answer with the gateway's own knowledge."""

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.ORIGINAL}), edits=frozenset({Aspect.BODY}))

    @staticmethod
    def retold(struck: Struck, reply: Reply, *, spoilt: SpoiltAnswer | None, otherwise: str) -> Reply:
        """Return the spoilt answer, and the right one where the gateway could not spoil it; tell which it was."""
        struck.tell(otherwise if spoilt is None else spoilt.words)
        return reply if spoilt is None else reply.saying(spoilt.answer)


def in_words(seconds: float) -> str:
    """Word a span: 3600 is 1 h, 90 is 1 min 30 s, 0.25 is 0.25 s."""
    whole, rest = divmod(seconds, 60)
    minutes = int(whole)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    if rest or not parts:
        parts.append(f"{rest:g} s")
    return " ".join(parts)
