"""The body ends before its length, and the connection with it."""

from dataclasses import dataclass, replace

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Cut, Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values

_RESET = "reset"


@dataclass(frozen=True, slots=True)
class CutBody(FaultOnAnswers):
    name = "cut_body"
    summary = "the body ends after `after_bytes` although Content-Length says more, and the connection with it"
    settings = (
        Setting(
            "after_bytes",
            SettingKind.WHOLE,
            "how many bytes come; without it, half of them; at least one is missing",
            most=1_000_000,
            may_be_absent=True,
        ),
        Setting(
            "ending",
            SettingKind.CHOICE,
            "how the connection ends: in order, or by a reset",
            options=("close", _RESET),
            default="close",
        ),
    )

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.CONTENT}), sets=frozenset({Aspect.LENGTH}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        after = values.find_whole("after_bytes")
        by_reset = values.word("ending") == _RESET
        where = "in the middle" if after is None else f"after {after} bytes"
        struck.tell(f"body cut {where}{', by a reset' if by_reset else ''}")
        return replace(reply, cut=Cut(after, by_reset=by_reset))
