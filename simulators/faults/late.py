"""The notification leaves later than it was due."""

from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Plan, Setting, Values, in_words

# Ten years: longer than any schedule of a merchant, and far from the end of the calendar.
LATEST_SECONDS = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Late(FaultOnNotifications):
    name = "late"
    summary = "the notification leaves `by_seconds` later than it was due"
    settings = (Setting("by_seconds", float, least=0.000001, most=LATEST_SECONDS),)

    def spoil(self, plan: Plan, values: Values) -> Plan:
        by = values["by_seconds"]
        words = f"late {in_words(by)}"
        return [replace(send.with_fault(words), at=send.at + timedelta(seconds=by)) for send in plan]
