"""Content-Length is not the length of the body: too short, and clients read less; too long, and they wait for more."""

from dataclasses import dataclass, replace

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import NOTHING, Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class WrongLength(FaultOnAnswers):
    name = "wrong_length"
    summary = "Content-Length is off `by` bytes; the whole body leaves, and the connection ends behind it"
    settings = (
        Setting(
            "by",
            SettingKind.WHOLE,
            "what is added to Content-Length: below 0 clients read less than there is, above 0 they wait for more",
            least=-_MOST,
            most=_MOST,
        ),
    )

    def contradiction(self, values: Values) -> str | None:
        return None if values.whole("by") else "by 0 the length is right"

    def traits(self, values: Values) -> Traits:
        needs = frozenset({Aspect.CONTENT}) if values.whole("by") < 0 else NOTHING
        return Traits(needs=needs, sets=frozenset({Aspect.LENGTH}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        by = values.whole("by")
        struck.tell(f"Content-Length is {abs(by)} too {'long' if by > 0 else 'short'}")
        return replace(reply, length_off=by)
