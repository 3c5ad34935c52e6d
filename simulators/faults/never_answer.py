"""The request is taken and nothing follows: no work, no answer, an open connection until the peer gives up."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck, Values


@dataclass(frozen=True, slots=True)
class NeverAnswer(FaultOnAnswers):
    name = "never_answer"
    summary = "the request is taken and nothing follows; the connection stays open until the peer gives up"
    settings = ()

    async def before_work(self, struck: Struck, values: Values) -> NoAnswer | None:
        struck.tell("never answered")
        await struck.stay_silent()
        return NoAnswer()
