"""What the scenario commands do; `cli.py` only words them."""

from dataclasses import dataclass
from pathlib import Path

import typer

from scenarios.listing import list_scenarios, list_steps
from scenarios.loader import LoadError, load
from scenarios.model import Scenario
from scenarios.schema import describe_steps
from scenarios.verdicts import Verdict, exit_code


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scenarios the user asked for, and the seed that replaces their own."""

    files: tuple[Path, ...]
    seed: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Where reports go beside the console."""

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    picture: Path | None = None


async def run(wanted: Wanted, written: Written) -> int:
    """Play the scenarios, feed every report, and return the exit code."""
    from scenarios.events import ScenarioEnded  # noqa: PLC0415  a quick --help loads neither side nor report
    from scenarios.reports import open_reports  # noqa: PLC0415  for the same quick --help
    from scenarios.runner import run as play  # noqa: PLC0415  for the same quick --help

    reporters = open_reports(
        console=True, json=written.json, junit=written.junit, html=written.html, picture=written.picture
    )
    verdicts: list[Verdict] = []
    async for event in play(choose(wanted), seed=wanted.seed):
        if isinstance(event, ScenarioEnded):
            verdicts.append(event.verdict)
        for reporter in reporters:
            reporter.take(event)
    for reporter in reporters:
        reporter.close()
    return exit_code(verdicts)


def choose(wanted: Wanted) -> list[Scenario]:
    """Load the files and keep what has one of the tags; exit with 2 on any mistake, or when nothing is left."""
    try:
        scenarios = load(wanted.files)
    except LoadError as mistakes:
        typer.echo(str(mistakes), err=True)
        raise typer.Exit(2) from mistakes
    kept = [one for one in scenarios if not wanted.tags or set(wanted.tags) & set(one.tags)]
    if not kept:
        known = ", ".join(sorted({tag for one in scenarios for tag in one.tags})) or "none"
        typer.echo(f"no scenario has the tag {', '.join(wanted.tags)}; tags here: {known}", err=True)
        raise typer.Exit(2)
    return kept


def print_list(wanted: Wanted) -> None:
    """Print what a run would play."""
    for line in list_scenarios(choose(wanted)):
        typer.echo(line)


def print_steps() -> None:
    """Print every step with its arguments, as the schema describes them."""
    for line in list_steps(describe_steps()):
        typer.echo(line)
