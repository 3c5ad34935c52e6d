"""The answer has another HTTP status."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from contracts.binding import Answer, NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import BODYLESS, Reply
from simulators.faults.traits import NOTHING, Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values

_KEPT: Final = "kept"
_SKIPPED: Final = "skipped"
_OF_BODIES: Final = frozenset({Aspect.BODY, Aspect.CONTENT, Aspect.TYPE, Aspect.LENGTH, Aspect.PACE})


@dataclass(frozen=True, slots=True)
class Status(FaultOnAnswers):
    name = "status"
    summary = "the answer has the HTTP status `code`, and says so in words unless its body is kept or another fault's"
    settings = (
        Setting("code", SettingKind.WHOLE, "the status", least=200, most=599),
        Setting(
            "body",
            SettingKind.CHOICE,
            "words: the status in words; kept: the body that the answer had",
            options=("words", _KEPT),
            default="words",
        ),
        Setting(
            "work",
            SettingKind.CHOICE,
            "whether what was asked for is done",
            options=("done", _SKIPPED),
            default="done",
        ),
    )

    def contradiction(self, values: Values) -> str | None:
        if _is_kept(values) and _is_skipped(values):
            return "without the work there is no body to be kept"
        if _is_kept(values) and values.whole("code") in BODYLESS:
            return f"an answer {values.whole('code')} has no body (RFC 9110)"
        return None

    def traits(self, values: Values) -> Traits:
        touches = NOTHING
        ends = NOTHING if _is_kept(values) else frozenset({Aspect.ORIGINAL})
        if _is_skipped(values):
            touches, ends = touches | {Aspect.WORK, Aspect.BODY}, ends | {Aspect.WORK}
        if values.whole("code") in BODYLESS:
            touches, ends = touches | _OF_BODIES, ends | _OF_BODIES
        return Traits(sets=frozenset({Aspect.STATUS}), touches=touches, ends=ends)

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        if not _is_skipped(values):
            return None
        struck.tell("the work was not done")
        return Reply(in_words(values.whole("code")), is_spoilt=True)

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        code = values.whole("code")
        struck.tell(f"answered with status {code}")
        if _is_kept(values):
            return reply.with_answer(replace(reply.answer, status=code))
        return reply.in_words(in_words(code))


def in_words(code: int) -> Answer:
    """Answer with a status and its name."""
    try:
        phrase = HTTPStatus(code).phrase
    except ValueError:
        phrase = "status without a name"
    return Answer.text(code, f"{code} {phrase}")


def _is_kept(values: Values) -> bool:
    return values.word("body") == _KEPT


def _is_skipped(values: Values) -> bool:
    return values.word("work") == _SKIPPED
