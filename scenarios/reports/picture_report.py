"""The sequence diagram of one story as an SVG file of its own, for documents and tickets."""

from pathlib import Path

from markupsafe import Markup

from scenarios.events import Event, ScenarioEnded
from scenarios.reports.diagram import HEAD_HEIGHT, draw
from scenarios.reports.flow import tell_flow
from scenarios.reports.folding import fold_bursts, window
from scenarios.reports.layout import WIDE, lay_out
from scenarios.reports.svg import element

STYLE = Path(__file__).parent / "templates" / "report.css"
# The paper's edge around the drawing.
MARGIN = 12.0


class PictureReport:
    """Draws the last story of a run; the page's colours go along, light and dark."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended: ScenarioEnded | None = None

    def take(self, event: Event) -> None:
        """Remember the story that ended last."""
        if isinstance(event, ScenarioEnded):
            self._ended = event

    def close(self) -> None:
        """Write the file."""
        if self._ended is not None:
            self._path.write_text(draw_picture(self._ended), encoding="utf-8")


def draw_picture(ended: ScenarioEnded) -> str:
    """Draw heads and body in one SVG that needs no page around it."""
    flow = window(fold_bursts(tell_flow(ended)))[0]
    wide = draw(flow, prefix="s1")[0]
    width, height = WIDE.width + 2 * MARGIN, lay_out(flow, WIDE).height + HEAD_HEIGHT + 2 * MARGIN
    style = Markup("<style>{}</style>").format(Markup(STYLE.read_text(encoding="utf-8")))  # noqa: S704  a file of ours
    paper = element("rect", width=width, height=height, rx=6, style="fill: var(--paper-raised); stroke: var(--line)")
    heads = element("g", wide.heads, transform=f"translate({MARGIN:g} {MARGIN:g})")
    body = element("g", wide.body, transform=f"translate({MARGIN:g} {MARGIN + HEAD_HEIGHT:g})")
    picture = element(
        "svg",
        style,
        paper,
        heads,
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=ended.scenario.name,
    )
    return f"{picture}\n"
