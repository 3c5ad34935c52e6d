"""What the scenario commands do; `cli.py` only words them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import typer

from scenarios.listing import list_scenarios, list_steps
from scenarios.loader import LoadError, load
from scenarios.model import Scenario
from scenarios.schema import describe_faults, describe_groups, describe_steps
from scenarios.verdicts import Verdict, exit_code

# The exit code of a run that concludes nothing.
CANNOT_TELL = 2

SKELETON = """\
version: 1
name: The IPN comes ten minutes late
description: What this story guards, for whoever sees it fail.
gateway: sslcommerz
steps:
  - inject_fault: {when: {event: ipn}, faults: [late: {by: 10m}]}
  - open_payment: {as: licence, amount: "1250.00"}
  - pay: {order: licence, method: visa}
  - expect: {order: licence, status: PENDING, provisioned: 0}
  - expect: {within: 11m, order: licence, status: SUCCESS, provisioned: 1}
finally:
  - {order: licence, provisioned: 1}
"""


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

    try:
        reporters = open_reports(
            console=True, json=written.json, junit=written.junit, html=written.html, picture=written.picture
        )
    except OSError as unwritable:
        typer.echo(f"gatewright run: {unwritable}", err=True)
        return CANNOT_TELL
    chosen = choose(wanted)
    verdicts: list[Verdict] = []
    try:
        async for event in play(chosen, seed=wanted.seed):
            if isinstance(event, ScenarioEnded):
                verdicts.append(event.verdict)
            for reporter in reporters:
                reporter.take(event)
    except asyncio.CancelledError:
        typer.echo(f"interrupted after {len(verdicts)} of {len(chosen)} scenarios; no report is written", err=True)
        raise
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
    parts = (
        ("A scenario begins like this:", SKELETON.splitlines()),
        ("Its steps may be:", list_steps(describe_steps())),
        ("Faults for `inject_fault`:", list_steps(describe_faults())),
        ("Groups of values:", list_steps(describe_groups())),
    )
    for heading, lines in parts:
        typer.echo(heading)
        for line in lines:
            typer.echo(f"  {line}" if line else "")
        typer.echo()
