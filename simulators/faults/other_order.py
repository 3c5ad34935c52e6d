"""A well-formed answer about another order: the same sum, other ids."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values
from simulators.gateways.gateway import GivenAnswer, Spoilable


@dataclass(frozen=True, slots=True)
class OtherOrder(FaultOnAnswers):
    name = "other_order"
    summary = "a well-formed answer comes, of the same sum and about another order"
    settings = ()

    def needs(self) -> Spoilable | None:
        return Spoilable.IDENTITY

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.ORIGINAL}), edits=frozenset({Aspect.BODY}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        place = struck.place
        spoilt = place.spoiler.about_other_order(place.desk, GivenAnswer(struck.call, reply.answer))
        if spoilt is None:
            struck.tell("no order in this answer that could be another")
            return reply
        struck.tell(spoilt.words)
        return reply.saying(spoilt.answer)
