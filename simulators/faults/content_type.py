"""The same bytes under another Content-Type."""

from dataclasses import dataclass, replace

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values


@dataclass(frozen=True, slots=True)
class ContentType(FaultOnAnswers):
    name = "content_type"
    summary = "the same bytes come under the Content-Type `as`"
    settings = (
        Setting(
            "as",
            SettingKind.TEXT,
            "the Content-Type",
            least=1,
            most=120,
            pattern="[!-~][ -~]*",
            called="a media type such as text/plain",
        ),
    )

    def traits(self, values: Values) -> Traits:
        return Traits(sets=frozenset({Aspect.TYPE}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        wanted = values.word("as").rstrip()
        struck.tell(f"Content-Type {wanted}")
        typed = replace(reply.answer, media_type=wanted)
        return replace(reply.with_answer(typed), has_other_type=True)
