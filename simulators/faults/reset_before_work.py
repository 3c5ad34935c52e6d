"""The connection is reset before anything was done."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import ALL, Traits
from simulators.faults.values import Values


@dataclass(frozen=True, slots=True)
class ResetBeforeWork(FaultOnAnswers):
    name = "reset_before_work"
    summary = "the connection is reset before anything was done"
    settings = ()

    def traits(self, values: Values) -> Traits:
        return Traits(touches=ALL, ends=ALL)

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        struck.tell("connection reset before the work")
        await struck.reset()
        return NoAnswer()
