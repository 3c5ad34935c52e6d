"""The work is done, then the connection is reset: the money may have moved and the caller cannot know."""

from dataclasses import dataclass

from contracts.binding import Answer, NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck, Values


@dataclass(frozen=True, slots=True)
class ResetAfterWork(FaultOnAnswers):
    name = "reset_after_work"
    summary = "the work is done, then the connection is reset and the answer is lost"
    settings = ()

    async def after_work(self, struck: Struck, answer: Answer, *, values: Values) -> Answer | NoAnswer:
        struck.tell("answer lost after the work")
        await struck.reset()
        return NoAnswer()
