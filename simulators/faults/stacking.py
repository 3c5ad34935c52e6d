"""Which faults may stand behind each other in one rule. A stack in which one undoes another is refused, saying why.

Faults of a stack strike in the order given: a plan of sends goes through those on notifications one after the other;
around an answer all strike before the work, then all behind it, and what they made of the answer is brought at the
end. Rules strike in the order of their arming, each with its whole stack; between rules nothing is refused, since
they may meet different things.
"""

from collections.abc import Iterator, Sequence
from math import prod

from simulators.faults.fault import Fault, Target
from simulators.faults.parameters import Mistake
from simulators.faults.plan import COPIES_MAX
from simulators.faults.traits import Aspect, words_of
from simulators.faults.values import Values

Stack = Sequence[tuple[Fault, Values]]
_WHOLE = {Target.ANSWER: frozenset({Aspect.ANSWER}), Target.NOTIFICATION: frozenset({Aspect.SEND})}


def contradictions(stack: Stack) -> Iterator[Mistake]:
    """Yield every fault that undoes an earlier one, or finds nothing to strike behind it."""
    for place, (later, later_values) in enumerate(stack):
        for earlier, earlier_values in stack[:place]:
            reason = _reason((earlier, earlier_values), (later, later_values))
            if reason is not None:
                yield f"/faults/{place}/{later.name}", reason
                break
    copies = prod(fault.traits(values).copies for fault, values in stack)
    if copies > COPIES_MAX:
        yield "/faults", f"together they make {copies} sends of one; at most {COPIES_MAX} are made"


def _reason(earlier: tuple[Fault, Values], later: tuple[Fault, Values]) -> str | None:
    (before, before_values), (behind, behind_values) = earlier, later
    if before.target is not behind.target:
        return None
    first, second = before.traits(before_values), behind.traits(behind_values)
    whole = _WHOLE[behind.target]
    missing = (first.ends & whole) or first.ends & (second.needs | second.sets | second.edits)
    if missing:
        return f"{before.name} leaves nothing of {words_of(missing)} for {behind.name} to strike"
    undone = (second.sets | second.touches) & (first.sets | first.edits)
    if undone:
        return (
            f"{behind.name} undoes what {before.name} makes of {words_of(undone)}: leave one away, or turn them round"
        )
    return None
