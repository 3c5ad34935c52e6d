"""Fault rules: when they hold and what they then do. A rule that can never hold is refused, saying what could."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simulators.errors import RuleRefused
from simulators.faults import FAULTS
from simulators.faults.fault import Fault, Target
from simulators.faults.parameters import Mistake, read_values
from simulators.faults.stacking import Stack, contradictions
from simulators.faults.values import Values
from simulators.gateways.gateway import Spoilable


@dataclass(frozen=True, slots=True)
class Stage:
    """What one gateway (or the played merchant) does that a fault can strike.

    `spoilable` are the operations and events for which the gateway lends its own knowledge.
    """

    gateway: str
    operations: tuple[str, ...]
    events: tuple[str, ...]
    spoilable: Mapping[Spoilable, tuple[str, ...]] = field(default_factory=dict[Spoilable, tuple[str, ...]])

    def named(self, target: Target) -> tuple[str, ...]:
        """Return the operations, or the events."""
        return self.operations if target is Target.ANSWER else self.events

    def struck_by(self, fault: Fault) -> tuple[str, ...]:
        """Return the operations or events that a fault can strike here."""
        if (needed := fault.needs()) is None:
            return self.named(fault.target)
        return self.spoilable.get(needed, ())


@dataclass(frozen=True, slots=True)
class Occasion:
    """One thing that a rule may meet: an answer about to be worked for, or a notification about to be planned."""

    gateway: str
    target: Target
    name: str
    order: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class When:
    """Conditions, all of which must hold; see control.yaml, NewFaultRule."""

    gateway: str | None = None
    operation: str | None = None
    event: str | None = None
    order: str | None = None
    nth: int | None = None
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    after: datetime | None = None
    before: datetime | None = None


@dataclass(slots=True)
class Rule:
    """An armed rule. It counts how often its other conditions held, and how often it struck."""

    id: str
    when: When
    faults: tuple[tuple[Fault, Values], ...]
    # As it was asked for, to be listed in the same words.
    told: Mapping[str, object] = field(default_factory=dict[str, object])
    met: int = 0
    matched: int = 0

    def meets(self, occasion: Occasion, *, draw: Callable[[str], float]) -> bool:
        """Decide whether the rule strikes here, counting as `nth`, `first` and `every` need it."""
        if not (self._fits(occasion) and self._is_in_time(occasion.at)):
            return False
        when = self.when
        if when.probability is not None and draw(f"fault {self.id}") >= when.probability:
            return False
        self.met += 1
        strikes = (
            (when.nth is None or self.met == when.nth)
            and (when.first is None or self.met <= when.first)
            and (when.every is None or self.met % when.every == 0)
        )
        self.matched += strikes
        return strikes

    def _fits(self, occasion: Occasion) -> bool:
        when = self.when
        wanted = when.operation if occasion.target is Target.ANSWER else when.event
        other = when.event if occasion.target is Target.ANSWER else when.operation
        return (
            when.gateway in {None, occasion.gateway}
            and wanted in {None, occasion.name}
            and other is None
            and when.order in {None, occasion.order}
        )

    def _is_in_time(self, at: datetime) -> bool:
        when = self.when
        return (when.after is None or at >= when.after) and (when.before is None or at < when.before)


def read_faults(asked: Sequence[Mapping[str, Mapping[str, object]]]) -> tuple[tuple[Fault, Values], ...]:
    """Read the faults of a rule. Raises `RuleRefused` naming every unknown fault and setting, and what is possible."""
    mistakes: list[Mistake] = []
    faults: list[tuple[Fault, Values]] = []
    for place, named in enumerate(asked):
        for name, given in named.items():
            fault = FAULTS.get(name)
            pointer = f"/faults/{place}/{name}"
            if fault is None:
                possible = "; ".join(f"{fault.name}: {fault.summary}" for fault in FAULTS.values())
                mistakes.append((pointer, f"there is no fault {name!r}; there are {possible}"))
                continue
            values, wrong = read_values(fault, given, pointer=pointer)
            mistakes += wrong
            faults.append((fault, values))
    mistakes = mistakes or list(contradictions(faults))
    if mistakes:
        raise RuleRefused(tuple(mistakes))
    return tuple(faults)


def refuse_the_impossible(when: When, faults: Stack, *, stages: Sequence[Stage], now: datetime) -> None:
    """Raise `RuleRefused` for a rule that can never strike, saying what could be struck instead."""
    mistakes = [*_places(when, stages), *_counts(when), *_times(when, now)]
    mistakes = mistakes or list(_targets(when, faults)) or list(_abilities(when, faults, stages))
    if mistakes:
        raise RuleRefused(tuple(mistakes))


def _places(when: When, stages: Sequence[Stage]) -> Iterator[Mistake]:
    if when.operation is not None and when.event is not None:
        yield "/when", "nothing is both the answer of an operation and a notification: give operation or event"
    names = [stage.gateway for stage in stages]
    if when.gateway is not None and when.gateway not in names:
        yield "/when/gateway", f"there is no gateway {when.gateway!r}; there are {', '.join(names)}"
        return
    chosen = _chosen(when, stages)
    operations = [operation for stage in chosen for operation in stage.operations]
    events = [event for stage in chosen for event in stage.events]
    if when.operation is not None and when.operation not in operations:
        yield "/when/operation", f"there is no operation {when.operation!r}; there are {', '.join(operations)}"
    if when.event is not None and when.event not in events:
        there = f"there are {', '.join(events)}" if events else f"{when.gateway} sends none"
        yield "/when/event", f"there is no event {when.event!r}; {there}"


def _chosen(when: When, stages: Sequence[Stage]) -> list[Stage]:
    return [stage for stage in stages if when.gateway in {None, stage.gateway}]


def _counts(when: When) -> Iterator[Mistake]:
    if when.nth is not None and when.first is not None and when.nth > when.first:
        yield "/when/nth", f"time {when.nth} is not among the first {when.first}"
    if when.nth is not None and when.every is not None and when.nth % when.every:
        yield "/when/nth", f"time {when.nth} is not one of every {when.every}"
    if when.first is not None and when.every is not None and when.first < when.every:
        yield "/when/first", f"among the first {when.first} there is no {when.every}th"
    if when.probability == 0:
        yield "/when/probability", "what has probability 0 never happens; leave the rule away"


def _times(when: When, now: datetime) -> Iterator[Mistake]:
    if when.before is not None and when.before <= now:
        yield "/when/before", f"that instant is past: the account's clock says {now.isoformat()}"
    if when.after is not None and when.before is not None and when.after >= when.before:
        yield "/when/after", "lies at or behind `before`, so there is no time between"


def _targets(when: When, faults: Stack) -> Iterator[Mistake]:
    target = Target.ANSWER if when.operation else Target.NOTIFICATION if when.event else None
    for place, (fault, _) in enumerate(faults):
        if target is not None and fault.target is not target:
            fit = ", ".join(other.name for other in FAULTS.values() if other.target is target)
            where = "the answer of an operation" if target is Target.ANSWER else "a notification"
            yield f"/faults/{place}/{fault.name}", f"cannot strike {where}; {fit} can"


def _abilities(when: When, faults: Stack, stages: Sequence[Stage]) -> Iterator[Mistake]:
    """A fault that needs the gateway's knowledge of a thing strikes only what has that thing."""
    for place, (fault, _) in enumerate(faults):
        wanted = when.operation if fault.target is Target.ANSWER else when.event
        struck = [name for stage in _chosen(when, stages) for name in stage.struck_by(fault)]
        if wanted in struck or (wanted is None and struck):
            continue
        where = wanted or when.gateway or "anything"
        anywhere = [f"{stage.gateway} {name}" for stage in stages for name in stage.struck_by(fault)]
        can = f"it can strike {', '.join(anywhere)}" if anywhere else "no gateway here can"
        yield f"/faults/{place}/{fault.name}", f"cannot strike {where}; {can}"
