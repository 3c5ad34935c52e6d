"""The notification leaves later than it was due."""

from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Place, in_words
from simulators.faults.plan import Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values, seconds


@dataclass(frozen=True, slots=True)
class Late(FaultOnNotifications):
    name = "late"
    summary = "the notification leaves `by_seconds` later than it was due"
    settings = (seconds("by", "how much later"),)

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.WHEN}))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        by = values.number("by_seconds")
        words = f"late {in_words(by)}"
        return [replace(send.with_fault(words), at=send.at + timedelta(seconds=by)) for send in plan]
