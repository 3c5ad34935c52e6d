"""The notification comes several times: one after the other, or all at one instant on connections of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Plan, PlannedSend, Setting, Values
from simulators.faults.late import LATEST_SECONDS

COPIES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Duplicate(FaultOnNotifications):
    name = "duplicate"
    summary = (
        "the notification comes `copies` times in all, `every_seconds` apart; with `at_once` all are released together"
    )
    settings = (
        Setting("copies", int, least=2, most=COPIES_MAX, default=2),
        Setting("every_seconds", float, least=0, most=LATEST_SECONDS / COPIES_MAX, default=0),
        Setting("at_once", bool, default=False),
    )

    def contradiction(self, values: Values) -> str | None:
        if values["at_once"] and values["every_seconds"]:
            return "at_once and every_seconds exclude each other"
        return None

    def spoil(self, plan: Plan, values: Values) -> Plan:
        return [copy for place, send in enumerate(plan) for copy in _copies(send, values, place=place)]


def _copies(send: PlannedSend, values: Values, *, place: int) -> Iterator[PlannedSend]:
    copies, gap = int(values["copies"]), timedelta(seconds=values["every_seconds"])
    for number in range(1, copies + 1):
        copy = send.with_fault(f"duplicate {number} of {copies}")
        if values["at_once"]:
            yield replace(copy, burst=place if send.burst is None else send.burst)
        else:
            yield replace(copy, at=send.at + (number - 1) * gap)
