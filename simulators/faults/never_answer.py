"""The request is taken and nothing follows: no work, no answer, an open connection until the peer gives up."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import ALL, Traits
from simulators.faults.values import Values


@dataclass(frozen=True, slots=True)
class NeverAnswer(FaultOnAnswers):
    name = "never_answer"
    summary = "the request is taken and nothing follows; the connection stays open until the peer gives up"
    settings = ()

    def traits(self, values: Values) -> Traits:
        return Traits(touches=ALL, ends=ALL)

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        struck.tell("never answered")
        await struck.stay_silent()
        return NoAnswer()
