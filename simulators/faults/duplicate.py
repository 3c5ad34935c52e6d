"""The notification comes several times: one after the other, or all at one instant on connections of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import COPIES_MAX, Plan, PlannedSend
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import LATEST_SECONDS, Setting, SettingKind, Values, seconds


@dataclass(frozen=True, slots=True)
class Duplicate(FaultOnNotifications):
    name = "duplicate"
    summary = (
        "the notification comes `copies` times in all, `every_seconds` apart; with `at_once` all are released together"
    )
    settings = (
        Setting("copies", SettingKind.WHOLE, "how often in all", least=2, most=COPIES_MAX, default=2),
        seconds("every", "how far apart", least=0, most=LATEST_SECONDS / COPIES_MAX, default=0),
        Setting("at_once", SettingKind.FLAG, "all released together, on connections of their own", default=False),
    )

    def contradiction(self, values: Values) -> str | None:
        if values.flag("at_once") and values.number("every_seconds"):
            return "at_once and every_seconds exclude each other"
        return None

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.COPIES}), copies=values.whole("copies"))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        return [copy for number, send in enumerate(plan) for copy in _copies(send, values, place_in_plan=number)]


def _copies(send: PlannedSend, values: Values, *, place_in_plan: int) -> Iterator[PlannedSend]:
    copies, gap = values.whole("copies"), timedelta(seconds=values.number("every_seconds"))
    for number in range(1, copies + 1):
        copy = send.with_fault(f"duplicate {number} of {copies}")
        if values.flag("at_once"):
            yield replace(copy, burst=place_in_plan if send.burst is None else send.burst)
        else:
            yield replace(copy, at=send.at + (number - 1) * gap)
