"""The HTML report: one file that works offline, verdict first, the wire as a diagram, the bytes one step behind it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scenarios.durations import render_duration
from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded
from scenarios.exchanges import Exchange
from scenarios.reports.diagram import Diagram, draw, exchange_id, finding_id
from scenarios.reports.flow import Broken, Flow, Moment, Sent, tell_flow
from scenarios.reports.journals import JournalLine, journal_lines, lines_around
from scenarios.reports.sequence import Arrow, target
from scenarios.reports.words import (
    differences,
    moment_words,
    offset,
    outcome_words,
    printable,
    render_headers,
    status_words,
)
from scenarios.verdicts import Verdict

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """What the page shows of one scenario."""

    id: str
    ended: ScenarioEnded
    flow: Flow
    diagrams: tuple[Diagram, ...]
    journals: tuple[JournalLine, ...]
    faults: tuple[str, ...]

    @property
    def span(self) -> str:
        return render_duration(self.ended.ended_at - self.ended.started_at)

    @property
    def verdict(self) -> Verdict:
        return self.ended.verdict


class HtmlReport:
    """Gathers what scenarios came to and writes the page at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seed: int | None = None
        self._wall_seconds = 0.0
        self._views: list[ScenarioView] = []

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._seed = event.seed
            case ScenarioEnded():
                self._views.append(_view(event, len(self._views) + 1))
            case RunEnded():
                self._wall_seconds = event.wall_seconds
            case _:
                pass

    def close(self) -> None:
        self._path.write_text(
            render_page(self._views, seed=self._seed, wall_seconds=self._wall_seconds), encoding="utf-8"
        )


def render_page(views: list[ScenarioView], *, seed: int | None, wall_seconds: float) -> str:
    """Render the whole page."""
    counts = {verdict: sum(view.verdict is verdict for view in views) for verdict in Verdict}
    spans = (view.ended.ended_at - view.ended.started_at for view in views)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            views=views,
            counts=counts,
            seed=seed,
            span=render_duration(sum(spans, timedelta())),
            wall_seconds=wall_seconds,
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
            script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
        )
    )
    return printable(page.lstrip())


def _view(ended: ScenarioEnded, number: int) -> ScenarioView:
    prefix = f"s{number}"
    flow = tell_flow(ended)
    faults = tuple(
        dict.fromkeys(fault for arrow in flow.arrows for fault in (*arrow.call_faults, *arrow.answer_faults))
    )
    return ScenarioView(
        id=prefix,
        ended=ended,
        flow=flow,
        diagrams=draw(flow, prefix=prefix) if flow.arrows else (),
        journals=journal_lines(ended),
        faults=faults,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Jinja's stubs know only the filters that come with it.
    cast("dict[str, object]", environment.filters).update(_FILTERS)
    cast("dict[str, object]", environment.tests).update(request=_is_request, broken=_is_broken)
    cast("dict[str, object]", environment.globals).update(_GLOBALS)
    return environment


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _is_request(moment: Moment) -> bool:
    return isinstance(moment, Sent)


def _is_broken(moment: Moment) -> bool:
    return isinstance(moment, Broken)


def _records(arrow: Arrow) -> list[tuple[str, Exchange]]:
    """Return the records of an arrow with whose they are; one alone when both sides wrote the same."""
    if arrow.sent and arrow.taken and _same(arrow.sent, arrow.taken):
        return [("as sent, and as it arrived", arrow.sent)]
    named = [("as sent", arrow.sent), ("as it arrived", arrow.taken)]
    return [(name, record) for name, record in named if record is not None]


def _same(one: Exchange, other: Exchange) -> bool:
    return (one.request.headers, one.request.body, one.answer) == (
        other.request.headers,
        other.request.body,
        other.answer,
    )


_FILTERS: dict[str, object] = {
    "headers": render_headers,
    "status_words": status_words,
    "moment_words": moment_words,
    "outcome_words": outcome_words,
    "target": target,
    "differences": differences,
    "seconds": _seconds,
}
_GLOBALS: dict[str, object] = {
    "offset": offset,
    "exchange_id": exchange_id,
    "finding_id": finding_id,
    "records": _records,
    "lines_around": lines_around,
    "Verdict": Verdict,
}
