"""The shape of a fault: where it can strike, what settings it takes, and its two kinds of doing.

A fault on notifications turns a plan into a plan. A fault on answers has a moment before the work and one after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from contracts.binding import Answer, NoAnswer
from simulators.gateways.gateway import Notification


class Target(Enum):
    """What a fault can strike."""

    NOTIFICATION = "notification"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter of a fault; numbers have bounds, a default of None makes it required."""

    name: str
    kind: type[int] | type[float] | type[bool]
    least: float = 0
    most: float = 0
    default: float | bool | None = None


Values = Mapping[str, float | bool]


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """One send of a plan. Those of one `burst` are released together, each on a connection of its own."""

    at: datetime
    notification: Notification
    faults: tuple[str, ...] = ()
    burst: int | None = None
    dropped: bool = False

    def with_fault(self, words: str) -> "PlannedSend":
        """Return the same send with one more fault in its journal entry."""
        return replace(self, faults=(*self.faults, words))


Plan = Sequence[PlannedSend]


class Connection(Protocol):
    """The peer's connection, as far as a fault may go at it."""

    def reset(self) -> None:
        """Cut it off so that the peer sees a reset."""
        ...

    async def lost(self) -> None:
        """Return when the peer has hung up or was cut off."""
        ...


class Struck(Protocol):
    """The answer that a fault strikes: its connection, its clock and its journal entry."""

    @property
    def connection(self) -> Connection: ...

    def tell(self, words: str) -> None:
        """Write the fault into the journal entry."""
        ...

    async def sleep(self, seconds: float, *, purpose: str) -> None:
        """Wait on the account's clock."""
        ...

    async def stay_silent(self) -> None:
        """Wait until the peer gives up."""
        ...

    async def reset(self) -> None:
        """Cut the peer off, and return when that is done."""
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

    def contradiction(self, values: Values) -> str | None:
        """Say which settings exclude each other, if any do."""
        ...

    def spoil(self, plan: Plan, values: Values) -> Plan:
        """Return what becomes of a plan of sends."""
        ...

    async def before_work(self, struck: Struck, values: Values) -> NoAnswer | None:
        """Strike before anything was done; `NoAnswer` means that nothing will be."""
        ...

    async def after_work(self, struck: Struck, answer: Answer, *, values: Values) -> Answer | NoAnswer:
        """Strike when the work is done and its answer stands ready."""
        ...


@dataclass(frozen=True, slots=True)
class FaultOnNotifications:
    """What faults on notifications have in common: answers they let be."""

    target = Target.NOTIFICATION

    def contradiction(self, values: Values) -> str | None:
        return None

    async def before_work(self, struck: Struck, values: Values) -> NoAnswer | None:
        return None

    async def after_work(self, struck: Struck, answer: Answer, *, values: Values) -> Answer | NoAnswer:
        return answer


@dataclass(frozen=True, slots=True)
class FaultOnAnswers:
    """What faults on answers have in common: plans they let be."""

    target = Target.ANSWER

    def contradiction(self, values: Values) -> str | None:
        return None

    def spoil(self, plan: Plan, values: Values) -> Plan:
        return plan

    async def before_work(self, struck: Struck, values: Values) -> NoAnswer | None:
        return None

    async def after_work(self, struck: Struck, answer: Answer, *, values: Values) -> Answer | NoAnswer:
        return answer


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
