"""Figures over the API: checked span → tallies of the store → figures by gateway, method and span."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.instants import read_instant, render_instant
from reference_server.apis.payments.words import word_payment
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import InvalidError
from reference_server.models import Figures as FiguresBody
from reference_server.models import Stats as StatsBody
from reference_server.stats.figures import Ending, Figures, sum_up
from reference_server.stats.store import UNKNOWN_METHOD, GivenBack, Interval, Span, Tally, tally_payments, tally_refunds

USUAL = timedelta(hours=24)
# What one question may cost: the rows of a span are counted one by one, and of hours there are more answers.
LONGEST = {None: timedelta(days=31), Interval.DAY: timedelta(days=31), Interval.HOUR: timedelta(days=7)}


class Stats:
    """`handlers` joins the document's operation to this function."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return the operation with what answers it."""
        return {"readStats": self.read_stats}

    async def read_stats(self, call: Call) -> Answer:
        """Say what the merchant's payments of the span came to."""
        merchant_id, span = authenticated_merchant().id, _read_span(call, now=self._clock.now())

        def look(session: Session) -> tuple[list[Tally], list[GivenBack]]:
            return tally_payments(session, merchant_id, span), tally_refunds(session, merchant_id, span)

        tallies, given_back = await self._database.read(look)
        return Answer.json(200, _render(span, tallies, given_back))


def _read_span(call: Call, *, now: datetime) -> Span:
    said = call.query
    until = read_instant(said["until"], name="until") if "until" in said else now
    since = read_instant(said["since"], name="since") if "since" in said else _before(until, USUAL)
    interval = Interval(said["interval"]) if "interval" in said else None
    if since >= until:
        raise InvalidError("is not before `until`", pointer="since", rule="span", place="query")
    longest = LONGEST[interval]
    if until - since > longest:
        raise InvalidError(
            f"is more than {longest.days} days before `until`", pointer="since", rule="span", place="query"
        )
    return Span(since, until, said.get("gateway"), said.get("method"), interval)


def _before(until: datetime, span: timedelta) -> datetime:
    try:
        return until - span
    except OverflowError:
        raise InvalidError("lies before all time", pointer="until", rule="span", place="query") from None


def _render(span: Span, tallies: Sequence[Tally], given_back: Sequence[GivenBack]) -> StatsBody:
    def by(key: Callable[[Tally | GivenBack], str]) -> list[tuple[str, FiguresBody]]:
        found = sum_up(tallies, given_back, key=key, ending_of=_ending_of)
        return [(name, _render_figures(found[name])) for name in sorted(found)]

    everything = sum_up(tallies, given_back, key=lambda _: "", ending_of=_ending_of)
    spans = by(lambda it: it.span) if span.interval is not None else []
    return {
        "since": render_instant(span.since),
        "until": render_instant(span.until),
        "all": _render_figures(everything.get("", Figures())),
        "by_gateway": dict(by(lambda it: it.gateway)),
        "by_method": dict(by(lambda it: it.method or UNKNOWN_METHOD)),
        "by_span": [{"since": since, "figures": figures} for since, figures in spans],
    }


def _ending_of(tally: Tally) -> Ending:
    return Ending(word_payment(tally.state).status)


def _render_figures(figures: Figures) -> FiguresBody:
    least, most = figures.taken_ms_least, figures.taken_ms_most
    return {
        "payments": sum(figures.counts.values()),
        "pending": figures.counts[Ending.PENDING],
        "success": figures.counts[Ending.SUCCESS],
        "failed": figures.counts[Ending.FAILED],
        "success_rate": figures.success_rate,
        "volume": [
            {"currency": currency, "captured": volume.captured_minor, "refunded": volume.refunded_minor}
            for currency, volume in sorted(figures.volume.items())
        ],
        "time_to_final_ms": None
        if least is None or most is None
        else {"mean": figures.taken_ms_mean, "least": least, "most": most},
    }
