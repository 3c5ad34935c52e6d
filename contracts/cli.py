"""The commands of this room: `gatewright contract`."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

CANNOT_TELL = 2


class Subject(Enum):
    """What can be held to its document."""

    SERVER = "server"
    SSLCOMMERZ = "sslcommerz"


@app.callback()
def contracts() -> None:
    """Hold sides to their documents."""


@app.command()
def contract(  # noqa: PLR0913  each option is one of the command's own words
    subject: Annotated[Subject, typer.Argument(help="Whose document.")],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Draw the requests from this number.")] = 1,
    cases: Annotated[
        int,
        typer.Option(
            min=1,
            help="Go on until about so many requests are sent. The first round is never cut: it asks each operation by "
            "every phase, which may be more.",
        ),
    ] = 1_000,
    max_examples: Annotated[
        int | None, typer.Option(min=1, help="Make at most so many of one operation in a round. [from --cases]")
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option(help="NAME=URL of what runs already: server, simulators (the control plane), sslcommerz."),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(help="'NAME: VALUE' to show at --url: a merchant's credentials. Without it, accounts of our own."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Ask only operations with this in their verb and path; may be repeated.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report, one file, to this file.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file, an operation a case.")] = None,
    har: Annotated[Path | None, typer.Option(help="Write every request with its answer as HAR to this file.")] = None,
) -> None:
    """Hold a side to its document.

    Makes requests from the document, valid and broken, and judges every answer by it and by checks of our own.
    Without --url both sides are started for the run, each on a free port of this machine, and stopped at its end. With
    it the run opens accounts of its own over /_control, where that is answered, or shows each --header. What the last
    release promised is held to, too. Exit code 0: all kept. 1: something broke. 2: could not tell.

    Try: gatewright contract sslcommerz --report contract.html
    """
    from contracts import commands  # noqa: PLC0415  a quick --help does not load Schemathesis
    from contracts.suites import Cap  # noqa: PLC0415  for the same quick --help

    try:
        where = commands.Where(commands.read_urls(url or []), commands.read_headers(header or []))
        wish = commands.Wish(subject.value, seed, Cap(cases, max_examples), where, tuple(only or ()))
        code = commands.run(wish, commands.Written(report, junit, har))
    except (commands.OptionError, commands.PeerError) as why:
        typer.echo(f"gatewright contract: {why}", err=True)
        raise typer.Exit(CANNOT_TELL) from None
    raise typer.Exit(code)
