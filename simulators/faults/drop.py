"""The notification is lost on its way: planned, journaled as never sent, and nothing reaches the merchant."""

from dataclasses import dataclass, replace

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import Plan
from simulators.faults.traits import ALL, Traits
from simulators.faults.values import Values


@dataclass(frozen=True, slots=True)
class Drop(FaultOnNotifications):
    name = "drop"
    summary = "the notification is lost and never reaches the merchant"
    settings = ()

    def traits(self, values: Values) -> Traits:
        return Traits(touches=ALL, ends=ALL)

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        return [replace(send.with_fault("dropped"), dropped=True) for send in plan]
