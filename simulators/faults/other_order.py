"""A well-formed answer about another order: the same sum, other ids."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnContents, Struck
from simulators.faults.reply import Reply
from simulators.faults.values import Values
from simulators.gateways.gateway import GivenAnswer, Spoilable


@dataclass(frozen=True, slots=True)
class OtherOrder(FaultOnContents):
    name = "other_order"
    summary = "a well-formed answer comes, of the same sum and about another order"
    settings = ()

    def needs(self) -> Spoilable | None:
        return Spoilable.IDENTITY

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        place = struck.place
        spoilt = place.spoiler.about_other_order(place.desk, GivenAnswer(struck.call, reply.answer))
        return self.retold(struck, reply, spoilt=spoilt, otherwise="no order in this answer that could be another")
