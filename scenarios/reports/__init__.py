"""Reports: consumers of the runner's events. Each format is one file; the runner knows none of them."""

from pathlib import Path
from typing import Protocol

from rich.console import Console

from scenarios.events import Event
from scenarios.reports.console_report import ConsoleReport
from scenarios.reports.html_report import HtmlReport
from scenarios.reports.json_report import JsonReport
from scenarios.reports.junit_report import JunitReport
from scenarios.reports.picture_report import PictureReport

__all__ = ["Reporter", "open_reports"]


class Reporter(Protocol):
    """Takes every event of a run in its order, then is closed once; files are written at the close."""

    def take(self, event: Event) -> None: ...

    def close(self) -> None: ...


def open_reports(
    *,
    console: Console | bool = False,
    json: Path | None = None,
    junit: Path | None = None,
    html: Path | None = None,
    picture: Path | None = None,
) -> list[Reporter]:
    """Open the reports asked for; `console=True` prints to the standard output.

    Raises `OSError` at once for a file that cannot be written, not after the run.
    """
    for path in (json, junit, html, picture):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("ab").close()
    reports: list[Reporter] = []
    if console:
        reports.append(ConsoleReport(Console() if isinstance(console, bool) else console))
    if json is not None:
        reports.append(JsonReport(json))
    if junit is not None:
        reports.append(JunitReport(junit))
    if html is not None:
        reports.append(HtmlReport(html))
    if picture is not None:
        reports.append(PictureReport(picture))
    return reports
