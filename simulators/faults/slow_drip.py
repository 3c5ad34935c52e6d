"""The body comes in drips: each keeps a client's limit per read, and together they keep it waiting."""

from dataclasses import dataclass, replace

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck, in_words
from simulators.faults.reply import Drip, Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values, seconds


@dataclass(frozen=True, slots=True)
class SlowDrip(FaultOnAnswers):
    name = "slow_drip"
    summary = "the body comes `chunk` bytes at a time, `every_seconds` apart"
    settings = (
        Setting("chunk", SettingKind.WHOLE, "bytes in a drip", least=1, most=65_536, default=1),
        seconds("every", "time between two drips", default=1),
    )

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.CONTENT}), sets=frozenset({Aspect.PACE}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        drip = Drip(values.whole("chunk"), values.number("every_seconds"))
        struck.tell(f"body dripping, {drip.chunk} bytes every {in_words(drip.every_seconds)}")
        return replace(reply, drip=drip)
