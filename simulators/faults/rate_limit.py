"""429 with Retry-After: the caller asks too often, and the work is not done."""

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from contracts.binding import NoAnswer
from simulators.faults.fault import FaultOnAnswers, Struck
from simulators.faults.reply import Reply
from simulators.faults.status import in_words
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values, seconds


@dataclass(frozen=True, slots=True)
class RateLimit(FaultOnAnswers):
    name = "rate_limit"
    summary = (
        "of every `retry_after_seconds` the first `after` calls are let through, "
        "the others get 429 with Retry-After and their work is not done"
    )
    settings = (
        Setting("after", SettingKind.WHOLE, "how many calls of a stretch are let through", most=10_000, default=0),
        seconds("retry_after", "how long a stretch lasts and the caller is asked to wait", default=60),
    )

    def traits(self, values: Values) -> Traits:
        work = frozenset({Aspect.WORK})
        ends = work | {Aspect.ORIGINAL}
        return Traits(sets=frozenset({Aspect.STATUS}), touches=work | {Aspect.BODY}, ends=ends)

    async def before_work(self, struck: Struck, values: Values) -> Reply | NoAnswer | None:
        tally, stretch = values.tally, timedelta(seconds=values.number("retry_after_seconds"))
        now = struck.now()
        if tally.since is None or now >= tally.since + stretch:
            tally.since, tally.times = now, 0
        tally.times += 1
        if tally.times <= values.whole("after"):
            return None
        left = stretch if not values.whole("after") else tally.since + stretch - now
        # RFC 9110 section 10.2.3: whole seconds.
        wait = max(1, ceil(left / timedelta(seconds=1)))
        struck.tell(f"rate limited: 429, Retry-After {wait}")
        return Reply(replace(in_words(429), headers=(("retry-after", str(wait)),)), is_spoilt=True)
