"""The answer tells the state before the last transition, as a lagging replica would."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnContents, Struck
from simulators.faults.reply import Reply
from simulators.faults.values import Values
from simulators.gateways.gateway import GivenAnswer, Spoilable


@dataclass(frozen=True, slots=True)
class StaleState(FaultOnContents):
    name = "stale_state"
    summary = "the answer tells the state before the last transition, as a lagging replica would"
    settings = ()

    def needs(self) -> Spoilable | None:
        return Spoilable.STATE

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        place = struck.place
        spoilt = place.spoiler.before_last_transition(place.desk, GivenAnswer(struck.call, reply.answer))
        return self.retold(struck, reply, spoilt=spoilt, otherwise="no state in this answer that was another before")
