"""The notification is lost on its way: planned, journaled as never sent, and nothing reaches the merchant."""

from dataclasses import dataclass, replace

from simulators.faults.fault import FaultOnNotifications, Plan, Values


@dataclass(frozen=True, slots=True)
class Drop(FaultOnNotifications):
    name = "drop"
    summary = "the notification is lost and never reaches the merchant"
    settings = ()

    def spoil(self, plan: Plan, values: Values) -> Plan:
        return [replace(send.with_fault("dropped"), dropped=True) for send in plan]
