"""The front door: joins the rooms' commands into one `gatewright`. It holds no logic of its own.

A room is imported when one of its commands is called, so that `gatewright --help` stays quick.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand
from typer.main import get_group

VERSION = "0.1.0"


class Command(NamedTuple):
    """Where a command lives, and its line in `gatewright --help`; a house test holds the line to the room's own."""

    room: str
    summary: str


COMMANDS = {
    "up": Command("scenarios.cli", "Start everything on this machine and say where to look."),
    "run": Command("scenarios.cli", "Play scenarios and report what was kept and what broke."),
    "check": Command("scenarios.cli", "Check scenario files without playing them."),
    "new": Command("scenarios.cli", "Write a first scenario to start from."),
    "steps": Command("scenarios.cli", "List the steps that a scenario may use."),
    "contract": Command("contracts.cli", "Hold a side to its document."),
    "conform": Command(
        "scenarios.conformance.cli", "Judge a merchant's payment code by the cases of the failure catalogue."
    ),
    "simulate": Command("simulators.cli", "Start the simulated gateways."),
    "certs": Command("simulators.reach.cli", "Make the certificates under which the simulated gateways answer by TLS."),
    "redirect": Command("simulators.reach.cli", "Run a program whose calls to the gateways reach the simulators."),
    "serve": Command("reference_server.cli", "Start the reference server."),
    "worker": Command("reference_server.cli", "Run what the reference server owes, on a PostgreSQL that many share."),
    "migrate": Command("reference_server.cli", "Bring the database's tables up to this release, or back."),
    "doctor": Command("reference_server.cli", "Go through the deployment checklist and say what was found."),
}


class Forwarded(TyperCommand):
    """A command whose arguments, `--help` included, are read by its room."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.args = list(args)
        return ctx.args


def find_rooms(door: Path) -> Path:
    """Return the folder that holds the rooms: beside the door in a checkout, in a folder of their own in the wheel."""
    packed = door.parent / "gatewright_rooms"
    return packed if packed.is_dir() else door.parent


def enter(name: str) -> Callable[[typer.Context], None]:
    def forward(ctx: typer.Context) -> None:
        room = importlib.import_module(COMMANDS[name].room)
        get_group(room.app)([name, *ctx.args], prog_name="gatewright")

    return forward


def front(*, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"gatewright {VERSION}")
        raise typer.Exit


def build_app() -> typer.Typer:
    app = typer.Typer(
        name="gatewright",
        help="A proving ground for payment code: play the gateways, break them on purpose, see what survives.",
        add_completion=False,
        no_args_is_help=True,
    )

    app.callback(invoke_without_command=True)(front)
    for name, command in COMMANDS.items():
        app.command(name, cls=Forwarded, help=command.summary)(enter(name))
    return app


def main() -> None:
    # First on the path: in a folder that has a `contracts` of its own, `python -m gatewright` must still find ours.
    sys.path.insert(0, str(find_rooms(Path(__file__).resolve())))
    build_app()(prog_name="gatewright")


if __name__ == "__main__":
    main()
