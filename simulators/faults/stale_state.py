"""The answer tells the state before the last transition, as a lagging replica would."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values
from simulators.gateways.gateway import GivenAnswer, Spoilable


@dataclass(frozen=True, slots=True)
class StaleState(FaultOnAnswers):
    name = "stale_state"
    summary = "the answer tells the state before the last transition, as a lagging replica would"
    settings = ()

    def needs(self) -> Spoilable | None:
        return Spoilable.STATE

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.ORIGINAL}), edits=frozenset({Aspect.BODY}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        place = struck.place
        spoilt = place.spoiler.before_last_transition(place.desk, GivenAnswer(struck.call, reply.answer))
        if spoilt is None:
            struck.tell("no state in this answer that was another before")
            return reply
        struck.tell(spoilt.words)
        return reply.saying(spoilt.answer)
