"""An outcome as one HTML file that works offline: verdict first, findings with their command, then every operation."""

from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.suites.outcome import Outcome
from contracts.suites.words import MARKS, printable, statuses

FOLDER = Path(__file__).parent


def write_page(outcome: Outcome, path: Path) -> None:
    """Write the page."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Jinja's stubs know only the filters that come with it.
    cast("dict[str, object]", environment.filters).update(statuses=statuses)
    page = environment.get_template("page.html.j2").render(outcome=outcome, mark=MARKS[outcome.verdict])
    path.write_text(printable(page), encoding="utf-8")
