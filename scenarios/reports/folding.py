"""Makes a long flow short without hiding what differs: bursts as one arrow, and a window around what broke."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scenarios.exchanges import Answer, Kind
from scenarios.reports.flow import Answered, Broken, Changed, Flow, Moment, Sent
from scenarios.reports.sequence import Arrow

# So many copies of one notification are still a conversation that can be followed.
COPIES_MAX = 3
# A diagram of more moments than this is as tall as a house.
MOMENTS_MAX = 400
MOMENTS_BEFORE_THE_BREAK = 260

_ORDINAL = re.compile(r"^(.*) [0-9]+ of ([0-9]+)$")


def fold_bursts(flow: Flow) -> Flow:
    """Show one notification that was sent many times at one instant and answered alike as one arrow with its count."""
    copies: dict[tuple[object, ...], list[Arrow]] = defaultdict(list)
    for arrow in flow.arrows:
        if arrow.kind is Kind.NOTIFICATION:
            copies[_alike(arrow)].append(arrow)
    folded: dict[int, Arrow] = {}
    left_out: set[int] = set()
    for burst in (burst for burst in copies.values() if len(burst) > COPIES_MAX):
        shown = next((arrow for arrow in burst if arrow.changes), burst[0])
        quiet = [arrow for arrow in burst if arrow is not shown and not arrow.changes]
        folded[shown.number] = _badged(shown, f"{len(quiet) + 1} at one instant")
        left_out |= {arrow.number for arrow in quiet}
    if not folded:
        return flow
    moments = (moment for moment in flow.moments if isinstance(moment, Broken) or moment.arrow.number not in left_out)
    return replace(flow, moments=tuple(_with_arrow(moment, folded) for moment in moments))


def window(flow: Flow) -> tuple[Flow, int]:
    """Return the flow around its first break, or its beginning, and how many moments were left out."""
    over = len(flow.moments) - MOMENTS_MAX
    if over <= 0:
        return flow, 0
    broken = next((index for index, one in enumerate(flow.moments) if isinstance(one, Broken)), 0)
    first = max(0, min(broken - MOMENTS_BEFORE_THE_BREAK, over))
    return replace(flow, moments=flow.moments[first : first + MOMENTS_MAX]), over


def fold_faults(faults: Iterable[tuple[datetime, str]]) -> tuple[str, ...]:
    """Return each fault once; `duplicate 1 of 50` and its like become one that says how many and whether at once."""
    instants: dict[str, set[datetime]] = defaultdict(set)
    counts: dict[str, str] = {}
    for at, fault in faults:
        numbered = _ORDINAL.fullmatch(fault)
        name = f"{numbered[1]} × {numbered[2]}" if numbered else fault
        instants[name].add(at)
        if numbered:
            counts[name] = numbered[2]
    return tuple(
        f"{name} at one instant" if int(counts.get(name, "0")) > COPIES_MAX and len(instants[name]) == 1 else name
        for name in instants
    )


def _alike(arrow: Arrow) -> tuple[object, ...]:
    answer: Answer | None = arrow.answer
    ways = arrow.sender, arrow.receiver, arrow.first.operation, arrow.request.method, arrow.request.url
    answered = answer.status if answer else None, arrow.outcome, arrow.ended_at
    return (arrow.at, arrow.forged, arrow.request.body, arrow.arrived, *ways, *answered)


def _badged(arrow: Arrow, badge: str) -> Arrow:
    if arrow.sent is None:
        return arrow
    kept = (fault for fault in arrow.sent.faults if not _ORDINAL.fullmatch(fault))
    return replace(arrow, sent=replace(arrow.sent, faults=(*kept, badge)))


def _with_arrow(moment: Moment, folded: dict[int, Arrow]) -> Moment:
    match moment:
        case Sent() | Answered() | Changed():
            return replace(moment, arrow=folded.get(moment.arrow.number, moment.arrow))
        case Broken():
            return moment
