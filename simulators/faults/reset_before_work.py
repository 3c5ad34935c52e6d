"""The connection is reset before anything was done."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck, Values


@dataclass(frozen=True, slots=True)
class ResetBeforeWork(FaultOnAnswers):
    name = "reset_before_work"
    summary = "the connection is reset before anything was done"
    settings = ()

    async def before_work(self, struck: Struck, values: Values) -> NoAnswer | None:
        struck.tell("connection reset before the work")
        await struck.reset()
        return NoAnswer()
