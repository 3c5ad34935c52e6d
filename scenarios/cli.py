"""The commands of the scenarios room: run, check, new, steps, up."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from scenarios import commands

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

LIBRARY = Path(__file__).parent / "library"

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Scenario files or folders. Without any, the library that comes with Gatewright."),
]


@app.command()
def run(  # noqa: PLR0913  each option is one of the command's own words
    files: Files = None,
    *,
    seed: Annotated[
        int | None, typer.Option(help="Draw all ids and choices from this seed instead of each scenario's own.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only scenarios with this tag; may be given again.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", "-k", help="Only scenarios whose name or file holds these words; may be given again."),
    ] = None,
    times: Annotated[
        int, typer.Option("--repeat", min=1, max=10_000, help="Tell each so often, each time with the next seed.")
    ] = 1,
    url: Annotated[
        list[str] | None,
        typer.Option(help="server=URL and simulators=URL: tell the stories to sides that run already."),
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="List the scenarios and play none.")] = False,
    json_to: Annotated[
        Path | None, typer.Option("--json", help="Write the events and verdicts as JSON to this file.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the HTML report, one file with the sequence diagrams, to this file.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the sequence diagram of the last scenario played as SVG to this file.")
    ] = None,
) -> None:
    """Play scenarios and report what was kept and what broke.

    Each scenario gets a server and gateways of its own on a virtual clock: days take milliseconds, and one seed gives
    the same bytes every time. Exit code 0: all kept. 1: something broke. 2: could not tell.

    Try: gatewright run --report report.html
    """
    wanted = commands.Wanted(
        tuple(files or [LIBRARY]), seed, tuple(tag or ()), tuple(only or ()), times, tuple(url or ())
    )
    if only_list:
        commands.print_list(wanted)
        return
    raise typer.Exit(asyncio.run(commands.run(wanted, commands.Written(json_to, junit, report, picture))))


@app.command()
def check(files: Files = None) -> None:
    """Check scenario files without playing them: every mistake with its line, what was found, what is possible."""
    scenarios = commands.choose(commands.Wanted(tuple(files or [LIBRARY])))
    typer.echo(f"{len(scenarios)} scenarios, no mistake")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What happens, in a few words; the file is named after it.")],
    *,
    folder: Annotated[Path, typer.Option("--in", help="Folder to write it to.")] = Path(),
) -> None:
    """Write a first scenario to start from.

    It is whole, commented and can be played as it stands. A file that is there already is left as it is.
    """
    raise typer.Exit(commands.write_new(name, folder))


@app.command()
def steps() -> None:
    """List the steps that a scenario may use, with their arguments."""
    commands.print_steps()


@app.command()
def up(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anything but loopback opens the control plane to others.")
    ] = "127.0.0.1",
    server_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the reference server.")] = 8000,
    panel_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the simulators' control plane.")] = 9100,
    sslcommerz_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the simulated SSLCommerz.")] = 9101,
    merchant_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the demo shop.")] = 9106,
) -> None:
    """Start everything on this machine and say where to look: server, simulated gateway, demo shop. Ctrl-C stops it."""
    from scenarios.up import Addresses, PortTaken, stay_up  # noqa: PLC0415  a quick --help does not load both sides

    addresses = Addresses(host, server_port, panel_port, sslcommerz_port, merchant_port)
    try:
        asyncio.run(stay_up(addresses))
    except PortTaken as taken:
        typer.echo(f"gatewright up: {taken}. Another `gatewright up`?", err=True)
        raise typer.Exit(2) from taken
