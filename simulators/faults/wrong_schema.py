"""A member of the answer is missing, null or of another type."""

from dataclasses import dataclass

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnContents, Struck
from simulators.faults.reply import Reply
from simulators.faults.values import Setting, SettingKind, Values
from simulators.gateways.gateway import BrokenMember, GivenAnswer, Spoilable


@dataclass(frozen=True, slots=True)
class WrongSchema(FaultOnContents):
    name = "wrong_schema"
    summary = "a member of the answer is missing, null or of another type"
    settings = (
        Setting(
            "member",
            SettingKind.TEXT,
            "which one; without it, chance takes one that merchants read",
            least=1,
            most=80,
            may_be_absent=True,
        ),
        Setting(
            "how",
            SettingKind.CHOICE,
            "what is wrong with it",
            options=tuple(how.value for how in BrokenMember),
            default=BrokenMember.MISSING.value,
        ),
    )

    def needs(self) -> Spoilable | None:
        return Spoilable.MEMBERS

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        place, given = struck.place, GivenAnswer(struck.call, reply.answer)
        member, how = values.find_word("member"), BrokenMember(values.word("how"))
        spoilt = place.spoiler.break_member(place.desk, given, member=member, how=how)
        otherwise = f"no member {member} to break in this answer" if member else "no member to break here"
        return self.retold(struck, reply, spoilt=spoilt, otherwise=otherwise)
