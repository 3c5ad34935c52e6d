"""The body is not what its type says, and its length is right."""

from dataclasses import dataclass, replace
from typing import Final

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values

_EMPTY: Final = "empty"
_UNCLOSED: Final = "unclosed"
# No UTF-8 (RFC 3629: these bytes never appear), so no JSON and no XML either.
GARBAGE: Final = b"\xff\xfe\xc0\xc1 not a body \xf5\xf8"
_WORDS: Final = {
    _UNCLOSED: "body without its end",
    _EMPTY: "body empty",
    "garbage": "body of bytes that are no text",
}


@dataclass(frozen=True, slots=True)
class MalformedBody(FaultOnAnswers):
    name = "malformed_body"
    summary = "the body is not what its type says: its end is missing (unclosed), it is empty, or garbage"
    settings = (Setting("how", SettingKind.CHOICE, "what is wrong with it", options=tuple(_WORDS), default=_UNCLOSED),)

    def traits(self, values: Values) -> Traits:
        how, body = values.word("how"), frozenset({Aspect.BODY})
        content = frozenset({Aspect.CONTENT})
        if how == _UNCLOSED:
            return Traits(needs=content, edits=body, ends=frozenset({Aspect.ORIGINAL}))
        if how == _EMPTY:
            touches = frozenset({Aspect.LENGTH, Aspect.PACE})
            return Traits(sets=body, touches=touches, ends=content | {Aspect.ORIGINAL})
        return Traits(sets=body, ends=frozenset({Aspect.ORIGINAL}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        how, answer = values.word("how"), reply.answer
        struck.tell(_WORDS[how])
        bodies = {_UNCLOSED: answer.body[: len(answer.body) * 2 // 3], _EMPTY: b""}
        return reply.saying(replace(answer, body=bodies.get(how, GARBAGE)))
