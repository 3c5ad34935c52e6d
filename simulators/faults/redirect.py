"""The answer sends the caller elsewhere; the work is done."""

from dataclasses import dataclass, replace

from contracts.binding import Answer, NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.status import in_words
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values


@dataclass(frozen=True, slots=True)
class Redirect(FaultOnAnswers):
    name = "redirect"
    summary = "the answer sends the caller to the address `to`, or in a circle to the same address; the work is done"
    settings = (
        Setting(
            "to",
            SettingKind.TEXT,
            "where to; without it, to the same address again",
            least=1,
            most=255,
            pattern="[!-~]+",
            called="an address of up to 255 visible characters",
            may_be_absent=True,
        ),
        Setting("code", SettingKind.CHOICE, "the status", options=(301, 302, 303, 307, 308), default=302),
    )

    def traits(self, values: Values) -> Traits:
        return Traits(sets=frozenset({Aspect.STATUS}), ends=frozenset({Aspect.ORIGINAL}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        code, to = values.whole("code"), values.find_word("to")
        struck.tell(f"redirected with {code} to {to or 'the same address'}")
        worded = reply.in_words(in_words(code))
        location = Answer.redirect(code, to or _address_of(struck)).headers
        return reply.with_answer(replace(worded.answer, headers=(*worded.answer.headers, *location)))


def _address_of(struck: Struck) -> str:
    call = struck.call
    query = call.raw_query.decode("latin-1")
    return f"{call.scheme}://{call.host}{call.raw_path}{'?' if query else ''}{query}"
