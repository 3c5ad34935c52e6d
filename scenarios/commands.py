"""What the scenario commands do; `cli.py` only words them."""

import asyncio
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from scenarios.listing import list_scenarios, list_steps
from scenarios.loader import LoadError, load
from scenarios.mistakes import nearest
from scenarios.model import Scenario
from scenarios.schema import describe_faults, describe_groups, describe_steps
from scenarios.starter import STARTER_NAME, file_name, starter, why_no_name
from scenarios.verdicts import Verdict, exit_code

# The exit code of a run that concludes nothing.
CANNOT_TELL = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scenarios the user asked for, and how they are told.

    `seed` replaces their own; told several `times`, each time has the next seed. `urls` are sides that run already.
    """

    files: tuple[Path, ...]
    seed: int | None = None
    tags: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    times: int = 1
    urls: tuple[str, ...] = ()

    def has(self, scenario: Scenario) -> bool:
        """Return whether a scenario has one of the tags, and a word in its name or its file's."""
        told = f"{scenario.name} {scenario.source.stem}".lower()
        tagged = not self.tags or not set(self.tags).isdisjoint(scenario.tags)
        return tagged and (not self.names or any(name.lower() in told for name in self.names))


@dataclass(frozen=True, slots=True)
class Written:
    """Where reports go beside the console."""

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    picture: Path | None = None


async def run(wanted: Wanted, written: Written) -> int:
    """Play the scenarios, feed every report, and return the exit code."""
    from scenarios.elsewhere import Elsewhere, NotElsewhere  # noqa: PLC0415  for the same quick --help
    from scenarios.events import ScenarioEnded  # noqa: PLC0415  a quick --help loads neither side nor report
    from scenarios.reports import open_reports  # noqa: PLC0415  for the same quick --help
    from scenarios.runner import run as play  # noqa: PLC0415  for the same quick --help

    try:
        where = Elsewhere.read(wanted.urls)
        reporters = open_reports(
            console=True, json=written.json, junit=written.junit, html=written.html, picture=written.picture
        )
    except (OSError, NotElsewhere) as wrong:
        typer.echo(f"gatewright run: {wrong}", err=True)
        return CANNOT_TELL
    chosen = choose(wanted)
    verdicts: list[Verdict] = []
    try:
        async for event in play(
            _repeated(chosen, wanted), seed=wanted.seed if wanted.times == 1 else None, where=where
        ):
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
    kept = [one for one in scenarios if wanted.has(one)]
    if not kept:
        typer.echo(_nothing_left(wanted, scenarios), err=True)
        raise typer.Exit(2)
    return kept


def _nothing_left(wanted: Wanted, scenarios: list[Scenario]) -> str:
    asked: list[str] = []
    if wanted.tags:
        known = sorted({tag for one in scenarios for tag in one.tags})
        close = "".join(nearest(tag, known) for tag in wanted.tags)
        asked.append(
            f"no scenario has the tag {', '.join(wanted.tags)}{close}; tags here: {', '.join(known) or 'none'}"
        )
    if wanted.names:
        words = " or ".join(repr(name) for name in wanted.names)
        asked.append(f"no name {'of those ' if wanted.tags else ''}holds {words}; `gatewright run --list` shows them")
    return "; ".join(asked)


def _repeated(chosen: list[Scenario], wanted: Wanted) -> list[Scenario]:
    """Return the scenarios with their seeds, each as often as asked; a name of its own tells one time from another."""
    if wanted.times == 1:
        return chosen
    seeded = [one if wanted.seed is None else replace(one, seed=wanted.seed) for one in chosen]
    return [
        replace(one, seed=one.seed + time, name=f"{one.name} (seed {one.seed + time})")
        for one in seeded
        for time in range(wanted.times)
    ]


def write_new(name: str, folder: Path) -> int:
    """Write a scenario to start from and say how to go on; return the exit code."""
    why = why_no_name(name)
    file = folder / file_name(name)
    if why is None and file.exists():
        why = f"{file} is there already; choose another name, or remove it"
    if why is None and not folder.is_dir():
        why = f"{folder} is no folder"
    if why is not None:
        typer.echo(f"gatewright new: {why}", err=True)
        return CANNOT_TELL
    file.write_text(starter(name), encoding="utf-8")
    typer.echo(f"wrote {file}\nplay it   gatewright run {shlex.quote(str(file))}\nall steps gatewright steps")
    return 0


def print_list(wanted: Wanted) -> None:
    """Print what a run would play."""
    for line in list_scenarios(choose(wanted)):
        typer.echo(line)


def print_steps() -> None:
    """Print every step with its arguments, as the schema describes them."""
    parts = (
        ("A scenario looks like this (`gatewright new NAME` writes one):", starter(STARTER_NAME).splitlines()),
        ("Its steps may be:", list_steps(describe_steps())),
        ("Faults for `inject_fault`:", list_steps(describe_faults())),
        ("Groups of values:", list_steps(describe_groups())),
    )
    for heading, lines in parts:
        typer.echo(heading)
        for line in lines:
            typer.echo(f"  {line}" if line else "")
        typer.echo()
