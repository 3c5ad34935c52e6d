"""The notification comes many times at one instant, each on a connection of its own."""

from dataclasses import dataclass, replace

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import COPIES_MAX, Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values


@dataclass(frozen=True, slots=True)
class Burst(FaultOnNotifications):
    name = "burst"
    summary = "the notification comes `copies` times at one instant, each on a connection of its own"
    settings = (Setting("copies", SettingKind.WHOLE, "how often in all", least=2, most=COPIES_MAX, default=10),)

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.COPIES}), copies=values.whole("copies"))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        copies = values.whole("copies")
        return [
            replace(send.with_fault(f"burst {one} of {copies}"), burst=number if send.burst is None else send.burst)
            for number, send in enumerate(plan)
            for one in range(1, copies + 1)
        ]
