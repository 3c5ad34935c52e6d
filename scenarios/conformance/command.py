"""What `gatewright conform` does when it is called: chooses merchant and cases, judges, writes the reports."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import typer

from scenarios.conformance.case import Case, Judged
from scenarios.conformance.cases import CASES
from scenarios.conformance.clock import tick
from scenarios.conformance.judging import judge_all
from scenarios.conformance.maker import Maker
from scenarios.conformance.matrix import Cell, play_matrix
from scenarios.conformance.merchants.played import PlayedMaker
from scenarios.conformance.merchants.profiled import ProfileMaker
from scenarios.conformance.merchants.server import ServerMaker
from scenarios.conformance.model import Verdict
from scenarios.conformance.profile import load_profile
from scenarios.conformance.reports import Report
from scenarios.conformance.reports.console import ConsoleReport
from scenarios.conformance.reports.html_report import HtmlReport
from scenarios.conformance.reports.json_report import JsonReport
from scenarios.conformance.reports.junit_report import JunitReport
from scenarios.conformance.starter import write_starter
from scenarios.mistakes import LoadError, nearest


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to judge, by what. Exactly one of `profile`, `is_played`, `is_server` is given."""

    profile: Path | None
    is_played: bool
    is_server: bool
    flaws: tuple[str, ...]
    cases: tuple[str, ...]
    seed: int
    waits: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Which reports to write beside the console's."""

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None


def conform(wanted: Wanted, written: Written) -> int:
    """Judge, and return the exit code: 0 nothing is broken, 1 something is, 2 nothing could be told of a case."""
    cases = choose(wanted.cases)
    if wanted.profile is not None and wanted.profile.is_file():
        _refuse_wait_without_need(wanted)
    return asyncio.run(_conform(wanted, written, cases))


def choose(ids: Sequence[str]) -> list[Case]:
    """Return the cases named, or all; exit with 2 for one that is not there."""
    unknown = [one for one in ids if one.upper() not in CASES]
    if unknown:
        typer.echo(f"no case {unknown[0]}{nearest(unknown[0], CASES) or '.'} There are {', '.join(CASES)}.", err=True)
        raise typer.Exit(2)
    return [CASES[one.upper()] for one in ids] or list(CASES.values())


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return 1 when something is broken, 2 when a case could not be told or nothing applied, else 0."""
    if Verdict.BROKEN in verdicts:
        return 1
    return 2 if Verdict.INCONCLUSIVE in verdicts or Verdict.KEPT not in verdicts else 0


def list_cases() -> list[str]:
    """Word every case for `--list`."""
    lines: list[str] = []
    for case in CASES.values():
        lines += [f"{case.id} {case.severity.name}  {case.title}", f"        does   {case.does}"]
        lines += [f"        right  {case.right}", f"        from   {case.source}"]
    return lines


def write_new_profile(path: Path) -> int:
    """Write the starter where nothing stands; 2 where something does or nothing can be written."""
    try:
        write_starter(path)
    except FileExistsError:
        typer.echo(f"{path} is there already: nothing was written", err=True)
        return 2
    except OSError as refused:
        typer.echo(f"{path} cannot be written: {refused.strerror}", err=True)
        return 2
    typer.echo(f"Wrote {path}. Fill it in, then: gatewright conform {path}")
    return 0


def play_and_print_matrix() -> int:
    """Print the kill matrix with its measured cost; 1 when a field is wrong."""
    return asyncio.run(_print_matrix())


async def _conform(wanted: Wanted, written: Written, cases: Sequence[Case]) -> int:
    async with AsyncExitStack() as stack:
        maker = await _maker(wanted, stack)
        reports = _reports(written, maker)
        verdicts: list[Verdict] = []
        async for judged in judge_all(maker, cases, seed=wanted.seed):
            verdicts.append(judged.verdict)
            for report in reports:
                report.take(judged)
    for report in reports:
        report.close()
    return exit_code(verdicts)


async def _maker(wanted: Wanted, stack: AsyncExitStack) -> Maker:
    if wanted.is_server:
        return ServerMaker()
    if wanted.profile is None:
        played = await stack.enter_async_context(PlayedMaker(wanted.flaws))
        await _refuse_unknown_flaws(played)
        return played
    try:
        profile = load_profile(wanted.profile)
    except LoadError as mistakes:
        typer.echo(str(mistakes), err=True)
        raise typer.Exit(2) from mistakes
    maker = await stack.enter_async_context(ProfileMaker(profile))
    if profile.starting is None:
        await _wait_for(maker, waits=wanted.waits)
    return maker


def _reports(written: Written, maker: Maker) -> list[Report]:
    reports: list[Report] = [ConsoleReport(typer.echo, merchant=maker.label)]
    reports += [JsonReport(written.json)] if written.json else []
    reports += [JunitReport(written.junit)] if written.junit else []
    reports += [HtmlReport(written.html)] if written.html else []
    return reports


async def _refuse_unknown_flaws(maker: PlayedMaker) -> None:
    known = await maker.list_flaws()
    for flaw in maker.flaws:
        if flaw not in known:
            typer.echo(f"no flaw {flaw}{nearest(flaw, known) or '.'} There are {', '.join(sorted(known))}.", err=True)
            raise typer.Exit(2)


async def _wait_for(maker: ProfileMaker, *, waits: bool) -> None:
    """Say what the shop needs, and wait until it answers where that is wanted."""
    typer.echo("Start your shop with this environment:")
    for name, value in (await maker.offer()).items():
        typer.echo(f"  {name}={value}")
    if not waits:
        return
    typer.echo(f"Waiting until {maker.profile.base_url} answers. Ctrl-C ends it.")
    while not await maker.answers():
        await tick()


def _refuse_wait_without_need(wanted: Wanted) -> None:
    if wanted.waits and wanted.profile is not None:
        try:
            starting = load_profile(wanted.profile).starting
        except LoadError:
            return
        if starting is not None:
            typer.echo("the profile starts the shop itself: --wait is for one that you start", err=True)
            raise typer.Exit(2)


async def _print_matrix() -> int:
    cells: list[Cell] = []
    async for cell in play_matrix():
        cells.append(cell)
        mark = cell.judged.verdict.mark
        if cell.flaw is not None or not cell.is_right:
            who = cell.flaw or f"the right shop, seed {cell.judged.seed}"
            wrong = "" if cell.is_right else f"  WRONG: {cell.judged.reason}"
            typer.echo(f"{mark} {cell.judged.case.id}  {who}: {cell.judged.verdict.value}{wrong}")
    for line in _figures(cells):
        typer.echo(line)
    return 0 if all(cell.is_right for cell in cells) else 1


def _figures(cells: Sequence[Cell]) -> list[str]:
    flawed = [cell for cell in cells if cell.flaw is not None]
    right = [cell for cell in cells if cell.flaw is None]
    times = sorted(cell.judged.wall_seconds * 1000 for cell in cells)
    total = sum(times) / 1000
    slowest: Judged = max((cell.judged for cell in cells), key=lambda one: one.wall_seconds)
    return [
        f"flaws accused   {sum(cell.is_right for cell in flawed)} of {len(flawed)} fields",
        f"right shop kept {sum(cell.is_right for cell in right)} of {len(right)} fields",
        f"cost            {total:.1f} s in all, median {times[len(times) // 2]:.0f} ms a case",
        f"slowest case    {slowest.case.id}, {slowest.wall_seconds * 1000:.0f} ms",
        f"five gateways   about {total * 5:.0f} s at this price",
    ]
