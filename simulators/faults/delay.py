"""The work is done at once and its answer comes late."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck, in_words
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values, seconds


@dataclass(frozen=True, slots=True)
class Delay(FaultOnAnswers):
    name = "delay"
    summary = "the work is done at once, its answer leaves `by_seconds` later"
    settings = (seconds("by", "how much later"),)

    def traits(self, values: Values) -> Traits:
        return Traits(edits=frozenset({Aspect.WHEN}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        by = values.number("by_seconds")
        struck.tell(f"answer delayed {in_words(by)}")
        await struck.sleep(by, purpose="delayed answer")
        return reply
