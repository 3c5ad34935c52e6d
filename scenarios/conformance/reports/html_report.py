"""The score card as one HTML file that works offline: verdicts at a glance, each broken case with its evidence."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scenarios.conformance.case import Judged
from scenarios.conformance.model import Severity, Verdict
from scenarios.conformance.sink import tell_refused
from scenarios.events import ScenarioEnded
from scenarios.findings import Finding
from scenarios.model import HORIZON, Placement, Scenario
from scenarios.reports.diagram import Diagram, draw, exchange_id, finding_id
from scenarios.reports.flow import Broken, Flow, Moment, Sent, tell_flow
from scenarios.reports.words import moment_words, offset, printable
from scenarios.verdicts import Verdict as StoryVerdict

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[2] / "reports" / "templates" / "report.css"


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows of one broken case."""

    id: str
    judged: Judged
    flow: Flow
    diagrams: tuple[Diagram, ...]


class HtmlReport:
    """Gathers the run and writes the page at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._judged: list[Judged] = []

    def take(self, judged: Judged) -> None:
        self._judged.append(judged)

    def close(self) -> None:
        self._path.write_text(render_card(self._judged), encoding="utf-8")


def render_card(judged: list[Judged]) -> str:
    """Render the whole page."""
    broken = [one for one in judged if one.verdict is Verdict.BROKEN]
    page = (
        _environment()
        .get_template("card.html.j2")
        .render(
            judged=judged,
            views=[_view(one, number) for number, one in enumerate(broken, start=1)],
            counts={verdict: sum(one.verdict is verdict for one in judged) for verdict in Verdict},
            rows=[(severity, [one for one in judged if one.case.severity is severity]) for severity in Severity],
            untold=[one for one in judged if one.verdict in {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}],
            merchant=judged[0].merchant if judged else "nobody",
            refused=tell_refused(refused for one in judged for refused in one.refused_by_sink),
            wall_seconds=sum(one.wall_seconds for one in judged),
            style=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704  a file of ours
            card_style=Markup((TEMPLATES / "card.css").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
        )
    )
    return printable(page.lstrip())


def as_story(judged: Judged) -> ScenarioEnded:
    """Tell a judged case as the reports of stories take it: its exchanges, and its broken claims as findings."""
    scenario = Scenario(
        version=1,
        name=f"{judged.case.id} {judged.case.title}",
        description=judged.case.does,
        gateway=judged.case.gateways[0],
        steps=(),
        finally_=(),
        start=judged.started_at,
        seed=judged.seed,
        server=Placement.HERE,
        settings={},
        tags=(),
        horizon=HORIZON,
        source=Path(judged.case.id),
    )
    findings = tuple(
        Finding(one.words, one.expected, one.seen, line=0, repeat=judged.repeat, at=one.at) for one in judged.broken
    )
    return ScenarioEnded(
        scenario,
        judged.seed,
        StoryVerdict.BROKEN,
        findings,
        judged.exchanges,
        started_at=judged.started_at,
        ended_at=judged.ended_at,
        wall_seconds=judged.wall_seconds,
        turns=0,
    )


def _view(judged: Judged, number: int) -> View:
    flow = tell_flow(as_story(judged))
    prefix = f"s{number}"
    return View(prefix, judged, flow, draw(flow, prefix=prefix) if flow.arrows else ())


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Jinja's stubs know only the filters that come with it.
    cast("dict[str, object]", environment.filters).update(moment_words=moment_words)
    cast("dict[str, object]", environment.tests).update(request=_is_request, broken=_is_broken)
    cast("dict[str, object]", environment.globals).update(
        offset=offset, exchange_id=exchange_id, finding_id=finding_id, Verdict=Verdict
    )
    return environment


def _is_request(moment: Moment) -> bool:
    return isinstance(moment, Sent)


def _is_broken(moment: Moment) -> bool:
    return isinstance(moment, Broken)
