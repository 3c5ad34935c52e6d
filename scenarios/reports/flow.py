"""What happens in a diagram and in its text, moment by moment: calls, answers, transitions, broken expectations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from scenarios.events import ScenarioEnded
from scenarios.exchanges import Actor, Change, Direction, Exchange, Outcome
from scenarios.findings import Finding
from scenarios.reports.sequence import Arrow, join_journals
from scenarios.verdicts import Verdict

_BEFORE, _WITH, _AFTER = -1, 0, 1
# Longer than any counter: a finding without a place of its own comes after all else of its instant.
_LAST = 2**63


@dataclass(frozen=True, slots=True)
class Sent:
    """A request leaves."""

    at: datetime
    arrow: Arrow


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer comes back, or its sender stops waiting for it."""

    at: datetime
    arrow: Arrow


@dataclass(frozen=True, slots=True)
class Changed:
    """A transition on somebody's lifeline, caused by an exchange."""

    at: datetime
    arrow: Arrow
    actor: Actor
    change: Change


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding, where it was found; `number` counts from 1. `verdict` is the scenario's: broken, or not to be told."""

    at: datetime
    finding: Finding
    number: int
    verdict: Verdict


Moment: TypeAlias = Sent | Answered | Changed | Broken


@dataclass(frozen=True, slots=True)
class Flow:
    """One scenario's moments in their order, and who takes part, in the order of lifelines."""

    start: datetime
    arrows: tuple[Arrow, ...]
    moments: tuple[Moment, ...]
    actors: tuple[Actor, ...]


def tell_flow(ended: ScenarioEnded) -> Flow:
    """Put a scenario's exchanges and findings into one order."""
    arrows = join_journals(ended.exchanges)
    placed = [moment for arrow in arrows for moment in _moments_of(arrow)]
    placed += [
        ((finding.at or ended.ended_at, _LAST if finding.place is None else finding.place, _AFTER, number),
         Broken(finding.at or ended.ended_at, finding, number, ended.verdict))
        for number, finding in enumerate(ended.findings, start=1)
    ]  # fmt: skip
    placed.sort(key=lambda moment: moment[0])
    spoke = {actor for arrow in arrows for actor in (arrow.sender, arrow.receiver)}
    return Flow(
        start=ended.started_at,
        arrows=arrows,
        moments=tuple(moment for _, moment in placed),
        actors=tuple(actor for actor in Actor if actor in spoke),
    )


_Key: TypeAlias = tuple[datetime, int, int, int]


def _moments_of(arrow: Arrow) -> Iterator[tuple[_Key, Moment]]:
    first = arrow.first
    yield (first.at, first.order, _WITH, arrow.number), Sent(first.at, arrow)
    if has_end(arrow) and first.ended_at is not None:
        place = first.order if first.ended_order is None else first.ended_order
        yield (first.ended_at, place, _WITH, arrow.number), Answered(first.ended_at, arrow)
    seen: set[Change] = set()
    for record in arrow.records:
        for change in record.changes:
            if change not in seen:
                seen.add(change)
                key = _key_of_change(record, arrow.number)
                yield key, Changed(key[0], arrow, _owner(record), change)


def _key_of_change(record: Exchange, number: int) -> _Key:
    """Whoever answers changes before the answer leaves; whoever asks changes after it came."""
    at = record.ended_at or record.at
    place = record.order if record.ended_order is None else record.ended_order
    return at, place, _BEFORE if record.direction is Direction.IN else _AFTER, number


def has_end(arrow: Arrow) -> bool:
    """Return whether something is to be drawn for the way back: an answer, or its absence where the request arrived."""
    if arrow.answer is not None:
        return True
    return arrow.arrived and arrow.outcome is not Outcome.OPEN


def _owner(record: Exchange) -> Actor:
    """Whose state changed: each side writes down its own, whether it was asked or asks."""
    return record.receiver if record.direction is Direction.IN else record.sender


def instants(moments: Iterable[Moment]) -> Iterator[tuple[datetime, tuple[Moment, ...]]]:
    """Group moments of one instant."""
    moments = list(moments)
    edges = [index for index, (one, next_one) in enumerate(pairwise(moments), start=1) if one.at != next_one.at]
    for begin, end in pairwise([0, *edges, len(moments)]):
        if begin < end:
            yield moments[begin].at, tuple(moments[begin:end])
