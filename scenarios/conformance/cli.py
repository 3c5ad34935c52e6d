"""The words of `gatewright conform`."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.conformance import command

Profile = Annotated[
    Path | None, typer.Argument(help="A profile in YAML: how to buy at your shop, how to read an order's state.")
]


app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def conform(  # noqa: PLR0913  each option is one of the command's own words
    profile: Profile = None,
    *,
    played: Annotated[bool, typer.Option("--played", help="Judge the played shop that comes with Gatewright.")] = False,
    flaw: Annotated[
        list[str] | None, typer.Option(help="A mistake that the played shop makes; may be given again.")
    ] = None,
    server: Annotated[bool, typer.Option("--server", help="Judge the reference server.")] = False,
    case: Annotated[list[str] | None, typer.Option(help="Only this case, e.g. A01; may be given again.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draw all ids and choices from this seed.")] = 1,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the shop, which you start, answers.")] = False,
    matrix: Annotated[
        bool,
        typer.Option("--matrix", help="Judge each flaw of the played shop by its cases, the right shop by all."),
    ] = False,
    new_profile: Annotated[
        Path | None, typer.Option("--new-profile", help="Write a commented profile to begin with, and judge nobody.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="List the cases and judge nobody.")] = False,
    json_to: Annotated[Path | None, typer.Option("--json", help="Write the verdicts as JSON to this file.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the score card as HTML, with the evidence, to this file.")
    ] = None,
) -> None:
    """Judge a merchant's payment code by the cases of the failure catalogue.

    Each case plays the gateway, the shopper and whoever attacks, lets everything come to rest, and looks at what
    became of orders, money and deliveries, never at status codes. A genuine payment runs beside each: where that
    fails too, what did not happen is "inconclusive", neither "kept" nor "broken". A race that was not seen is
    reported as not seen.

    Your own shop is described by a profile; with `process:` in it the shop is started afresh for each case, else the
    environment it needs is printed and you start it (--wait). --new-profile writes one to begin with.
    Exit code 0: nothing broken. 1: something is.
    2: something could not be told.

    Try: gatewright conform --played --flaw fulfils_on_the_return --case A04
    """
    if only_list:
        for line in command.list_cases():
            typer.echo(line)
        return
    if new_profile is not None:
        raise typer.Exit(command.write_new_profile(new_profile))
    if matrix:
        raise typer.Exit(command.play_and_print_matrix())
    played = played or bool(flaw)
    if [profile is not None, played, server].count(True) != 1:
        typer.echo("say whom to judge: a PROFILE, --played or --server (one of them)", err=True)
        raise typer.Exit(2)
    wanted = command.Wanted(profile, played, server, tuple(flaw or ()), tuple(case or ()), seed, waits=wait)
    raise typer.Exit(command.conform(wanted, command.Written(json_to, junit, report)))
