"""Notifications overtake each other: those of a window leave in reverse order."""

from dataclasses import dataclass, replace
from datetime import timedelta

from simulators.faults.fault import FaultOnNotifications, Place, in_words
from simulators.faults.plan import Holding, Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values, seconds

WINDOW_MAX = 100


@dataclass(frozen=True, slots=True)
class Reorder(FaultOnNotifications):
    name = "reorder"
    summary = (
        "of every `window` notifications each but the last waits until the next one was brought, "
        "at most `within_seconds`: they arrive in reverse order"
    )
    settings = (
        Setting("window", SettingKind.WHOLE, "how many change places", least=2, most=WINDOW_MAX, default=2),
        seconds("within", "how long one waits at most for the others", default=3_600),
    )

    def traits(self, values: Values) -> Traits:
        return Traits(sets=frozenset({Aspect.ORDER}))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        tally, window, within = values.tally, values.whole("window"), values.number("within_seconds")
        earlier, turn = tally.holding, tally.times % window + 1
        tally.times += 1
        words = f"reordered: {turn} of {window}"
        if turn == window:
            tally.holding = None
            return [replace(send.with_fault(words), frees=earlier) for send in plan]
        span = timedelta(seconds=within)
        tally.holding = Holding(span)
        waiting = f"{words}, waiting {in_words(within)} at most to be overtaken"
        return [
            replace(send.with_fault(waiting), at=send.at + span, held=tally.holding, frees=earlier) for send in plan
        ]
