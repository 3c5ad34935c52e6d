"""The work is done, then the connection is reset: the money may have moved and the caller cannot know."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import ALL, SEEN, Traits
from simulators.faults.values import Values


@dataclass(frozen=True, slots=True)
class ResetAfterWork(FaultOnAnswers):
    name = "reset_after_work"
    summary = "the work is done, then the connection is reset and the answer is lost"
    settings = ()

    def traits(self, values: Values) -> Traits:
        return Traits(touches=SEEN, ends=ALL)

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        struck.tell("answer lost after the work")
        await struck.reset()
        return NoAnswer()
