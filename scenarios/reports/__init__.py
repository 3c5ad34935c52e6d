"""Reports: consumers of the runner's events. Each format is one file; the runner knows none of them."""

import os
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
            _refuse_unwritable(path)
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


def _refuse_unwritable(path: Path) -> None:
    """Without touching the file: an interrupted run leaves the report of the last one as it was."""
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; a report is a file")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"{path} cannot be written")
