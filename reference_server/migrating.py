"""`gatewright migrate`: the tables of a database brought up to this release, or back, while no server is at work."""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import Connection

from reference_server import tables
from reference_server.database import Database
from reference_server.engines import schema
from reference_server.errors import ServerError, SettingsError
from reference_server.executors import T
from reference_server.settings import read_settings

app = typer.Typer(
    no_args_is_help=True,
    help="""Bring the database's tables up to this release, or back.

The server does it by itself at its start, unless MIGRATE_AT_START=false. A backup comes first: what only later tables
had is lost on the way down.""",
)

Url = Annotated[str | None, typer.Option("--database-url", help="Else DATABASE_URL.")]
Number = Annotated[str, typer.Argument(help="The number of a migration, as in 0001.")]


@app.command()
def upgrade(to: Number = "head", *, database_url: Url = None) -> None:
    """Migrate up, by default to this release; an empty database has its tables made."""

    def work(connection: Connection) -> str:
        if to == "head":
            schema.bring_up(connection)
        else:
            schema.upgrade(connection, _known(to))
        return f"the tables are at {schema.find_version(connection)}"

    _tell(database_url, work)


@app.command()
def downgrade(
    to: Annotated[str, typer.Argument(help="The number to go back to; base takes away all.")],
    *,
    database_url: Url = None,
) -> None:
    """Migrate down, to run an earlier release."""

    def work(connection: Connection) -> str:
        schema.downgrade(connection, to if to == "base" else _known(to))
        return f"the tables are at {schema.find_version(connection) or 'none'}"

    _tell(database_url, work)


@app.command()
def current(*, database_url: Url = None) -> None:
    """Say at which migration the tables are, and which this release wants."""

    def work(connection: Connection) -> str:
        version, wanted = schema.find_version(connection), schema.list_versions()[-1]
        return f"the tables are at {version or 'none'} of {wanted}: {schema.stand(connection).value}"

    _tell(database_url, work)


@app.command()
def check(*, database_url: Url = None) -> None:
    """Compare the tables with those of this release, column by column; ends with 1 where they differ."""

    def work(connection: Connection) -> str:
        schema.require_current(connection)
        differences = schema.find_differences(connection)
        if differences:
            raise ServerError("the tables differ:\n  " + "\n  ".join(differences))
        return f"the {len(tables.ALL)} tables are those of this release"

    _tell(database_url, work)


def _known(number: str) -> str:
    if number not in schema.list_versions():
        raise SettingsError(f"no migration {number}; there are {', '.join(schema.list_versions())}")
    return number


def _tell(database_url: str | None, work: Callable[[Connection], str]) -> None:
    try:
        settings = read_settings(**({"database_url": database_url} if database_url else {}))
        typer.echo(_rebuild(settings.database_url, work))
    except ServerError as error:
        typer.echo(f"gatewright migrate: {error.message}", err=True)
        raise typer.Exit(2 if isinstance(error, SettingsError) else 1) from None


def _rebuild(url: str, work: Callable[[Connection], T]) -> T:
    database = Database(url, inline=lambda: True)
    database.open(as_it_stands=True)
    try:
        return database.rebuild(work)
    finally:
        database.close()
