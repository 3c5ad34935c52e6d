"""The time that the notification shows lies in the past, and is rightly proven."""

from dataclasses import dataclass

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values, seconds
from simulators.gateways.gateway import Spoilable


@dataclass(frozen=True, slots=True)
class StaleStamp(FaultOnNotifications):
    name = "stale_stamp"
    summary = "the time that the notification shows lies `by_seconds` in the past; its proof holds"
    settings = (seconds("by", "how far in the past"),)

    def needs(self) -> Spoilable | None:
        return Spoilable.STAMP

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.FIELDS}), touches=frozenset({Aspect.PROOF}))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        by = values.number("by_seconds")
        spoilt = [place.spoiler.restamp(place.desk, send.notification, seconds=by) for send in plan]
        return [send.saying(one.notification, one.words) for send, one in zip(plan, spoilt, strict=True)]
