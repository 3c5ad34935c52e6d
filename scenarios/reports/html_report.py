"""The HTML report: one file that works offline, verdict first, the wire as a diagram, the bytes one step behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scenarios.durations import render_duration
from scenarios.events import Event, RunEnded, RunStarted, ScenarioEnded, StepEnded, StepStarted
from scenarios.exchanges import Exchange
from scenarios.reports.diagram import Diagram, draw, exchange_id, finding_id
from scenarios.reports.flow import Broken, Flow, Moment, Sent, tell_flow
from scenarios.reports.folding import fold_bursts, fold_faults, window
from scenarios.reports.journals import JournalLine, journal_lines, lines_around
from scenarios.reports.sequence import Arrow, target
from scenarios.reports.words import (
    differences,
    moment_words,
    offset,
    outcome_words,
    printable,
    readable,
    render_headers,
    status_words,
)
from scenarios.verdicts import Verdict

TEMPLATES = Path(__file__).parent / "templates"


# Beyond so many scenarios the page tells each in the table alone: a browser must still open it. Failures come first.
CARDS_MAX = 200


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step with the virtual stretch that it took."""

    verb: str
    line: int
    begun: str
    ended: str
    kept: bool


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """What the page shows of one scenario."""

    id: str
    ended: ScenarioEnded
    flow: Flow
    diagrams: tuple[Diagram, ...]
    journals: tuple[JournalLine, ...]
    faults: tuple[str, ...]
    steps: tuple[StepLine, ...] = ()
    # How many moments the diagram and the list leave out.
    left_out: int = 0

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
        self._begun: datetime | None = None
        self._steps: list[StepLine] = []

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._seed = event.seed
            case StepStarted():
                self._begun = event.at
            case StepEnded():
                self._steps.append(_step(event, self._begun or event.at))
            case ScenarioEnded():
                self._views.append(view_of(event, len(self._views) + 1, steps=tuple(self._steps)))
                self._steps = []
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
            shown=_shown(views),
            counts=counts,
            seed=seed,
            span=render_duration(sum(spans, timedelta())),
            wall_seconds=wall_seconds,
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
            script=Markup((TEMPLATES / "report.js").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
        )
    )
    return printable(page.lstrip())


def _shown(views: list[ScenarioView]) -> frozenset[str]:
    """Return the ids of the scenarios that have a card of their own."""
    kept_last = sorted(views, key=lambda view: view.verdict is Verdict.KEPT)
    return frozenset(view.id for view in kept_last[:CARDS_MAX])


def view_of(ended: ScenarioEnded, number: int, *, steps: tuple[StepLine, ...] = ()) -> ScenarioView:
    """Prepare what the page shows of one scenario; `number` counts from 1 and begins every id."""
    prefix = f"s{number}"
    whole = tell_flow(ended)
    flow, left_out = window(fold_bursts(whole))
    return ScenarioView(
        id=prefix,
        ended=ended,
        flow=flow,
        diagrams=draw(flow, prefix=prefix) if flow.arrows else (),
        journals=journal_lines(ended),
        faults=fold_faults(
            (arrow.at, fault) for arrow in whole.arrows for fault in (*arrow.call_faults, *arrow.answer_faults)
        ),
        steps=steps,
        left_out=left_out,
    )


def _step(ended: StepEnded, begun: datetime) -> StepLine:
    start = ended.scenario.start
    return StepLine(
        ended.step.verb, ended.step.line, offset(begun, start), offset(ended.at, start), kept=not ended.findings
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
    "readable": readable,
}
_GLOBALS: dict[str, object] = {
    "offset": offset,
    "exchange_id": exchange_id,
    "finding_id": finding_id,
    "records": _records,
    "lines_around": lines_around,
    "Verdict": Verdict,
}
