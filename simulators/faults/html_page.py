"""A maintenance page in HTML instead of the answer."""

from dataclasses import dataclass, replace
from typing import Final

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values

PAGE: Final = (
    b"<!doctype html><html><head><title>Maintenance</title></head>"
    b"<body><h1>We will be back soon</h1><p>This service is being maintained.</p></body></html>"
)
_HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class HtmlPage(FaultOnAnswers):
    name = "html_page"
    summary = "a maintenance page in HTML comes instead of the answer; the status stays unless `status` changes it"
    settings = ()

    def traits(self, values: Values) -> Traits:
        return Traits(
            sets=frozenset({Aspect.BODY}),
            touches=frozenset({Aspect.TYPE}),
            ends=frozenset({Aspect.ORIGINAL}),
        )

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        struck.tell("an HTML page instead of the answer")
        return reply.saying(replace(reply.answer, body=PAGE, media_type=_HTML))
