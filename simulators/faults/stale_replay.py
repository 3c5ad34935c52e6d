"""The notification comes as it should, and once more, byte for byte, long after."""

from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Place, in_words
from simulators.faults.plan import Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values, seconds


@dataclass(frozen=True, slots=True)
class StaleReplay(FaultOnNotifications):
    name = "stale_replay"
    summary = "the notification comes when due, and the same bytes come again `after_seconds` later"
    settings = (seconds("after", "how long after the first"),)

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.COPIES}), copies=2)

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        after = values.number("after_seconds")
        words, gap = f"replayed {in_words(after)} after the first", timedelta(seconds=after)
        return [*plan, *(replace(send.with_fault(words), at=send.at + gap) for send in plan)]
