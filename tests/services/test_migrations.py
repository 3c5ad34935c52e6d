"""One tree of migrations for both engines: what it makes, what it takes away, and what a start does about the rest."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, Integer, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlmodel import SQLModel
from typer.testing import CliRunner

from reference_server import tables
from reference_server.cli import app
from reference_server.columns import Instant
from reference_server.database import Database
from reference_server.engines import schema
from reference_server.errors import SettingsError
from reference_server.executors import T
from reference_server.incarnation import count_start
from tests.services.postgres_server import PostgresServer

ENGINES = ["sqlite", "postgresql"]


@contextmanager
def empty_database(engine: str, folder: Path, postgres: Callable[[], PostgresServer]) -> Generator[str]:
    """Have the URL of a database without tables."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/server.db"
        return
    with postgres().fresh_database(with_tables=False) as url:
        yield url


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """Return the URL of an empty database, of either engine."""
    with empty_database(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as url:
        yield url


def rebuilt(url: str, work: Callable[[Connection], T]) -> T:
    database = Database(url, inline=lambda: True)
    database.open(as_it_stands=True)
    try:
        return database.rebuild(work)
    finally:
        database.close()


def look(connection: Connection) -> dict[str, list[str]]:
    """Return all that the engine knows of each table, in its own words."""
    found = inspect(connection)
    return {
        name: [
            *(f"{column | {'type': str(column['type'])}}" for column in found.get_columns(name)),
            f"{found.get_pk_constraint(name)}",
            *sorted(map(str, found.get_unique_constraints(name))),
            *sorted(map(str, found.get_foreign_keys(name))),
            *sorted(_words_of(index) for index in found.get_indexes(name)),
        ]
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def _words_of(index: ReflectedIndex) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {options}"


def test_the_migrations_make_just_the_tables_of_this_release(url: str) -> None:
    rebuilt(url, schema.upgrade)
    assert list(rebuilt(url, schema.find_differences)) == []
    migrated = rebuilt(url, look)
    rebuilt(url, lambda connection: schema.downgrade(connection, "base"))
    assert rebuilt(url, look) == {}
    rebuilt(url, lambda connection: connection.execute(text("DROP TABLE alembic_version")))
    rebuilt(url, schema.make)
    assert rebuilt(url, look) == migrated


def test_what_was_taken_away_is_made_again(url: str) -> None:
    rebuilt(url, schema.upgrade)
    rebuilt(url, lambda connection: schema.downgrade(connection, "base"))
    assert rebuilt(url, schema.stand) is schema.Standing.EMPTY
    rebuilt(url, schema.bring_up)
    assert rebuilt(url, schema.stand) is schema.Standing.CURRENT
    assert list(rebuilt(url, schema.find_differences)) == []


def test_a_start_makes_the_tables_and_the_next_one_finds_them(url: str) -> None:
    for starts in (1, 2):
        database = Database(url, inline=lambda: True)
        database.open()
        assert database.run_now(count_start).starts == starts
        database.close()
    assert rebuilt(url, schema.stand) is schema.Standing.CURRENT


def write_version(version: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def make_no_tables(_: Connection) -> None:
    pass


def make_other_tables(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE orders (id INTEGER)"))


def make_later_tables(connection: Connection) -> None:
    schema.make(connection)
    write_version("9999")(connection)


@pytest.mark.parametrize(
    ("prepare", "migrate", "told"),
    [
        (make_no_tables, False, "gatewright migrate upgrade"),
        (make_later_tables, True, "a later release"),
        (make_later_tables, False, "a later release"),
        (make_other_tables, True, "no migration made"),
    ],
)
def test_a_start_on_tables_of_another_release_is_refused_and_says_what_to_do(
    url: str, prepare: Callable[[Connection], None], *, migrate: bool, told: str
) -> None:
    rebuilt(url, prepare)
    before = rebuilt(url, look)
    database = Database(url, inline=lambda: True, migrate=migrate)
    with pytest.raises(SettingsError, match=told):
        database.open()
    assert not database.is_open
    assert rebuilt(url, look) == before


def test_a_start_that_may_not_migrate_takes_tables_that_stand_right(url: str) -> None:
    rebuilt(url, schema.make)
    database = Database(url, inline=lambda: True, migrate=False)
    database.open()
    assert database.is_open
    database.close()


def test_a_difference_is_found_and_named(url: str) -> None:
    rebuilt(url, schema.make)
    rebuilt(url, lambda connection: connection.execute(text("ALTER TABLE refunds DROP COLUMN reason")))
    assert [line for line in rebuilt(url, schema.find_differences) if "reason" in line]


def test_the_command_migrates_up_and_down_and_says_where_it_stands(url: str) -> None:
    def told(*command: str) -> str:
        run = CliRunner().invoke(app, ["migrate", *command, "--database-url", url])
        return f"{run.exit_code} {run.output.strip()}"

    last = schema.list_versions()[-1]
    assert told("current") == f"0 the tables are at none of {last}: empty"
    assert told("check").startswith("2 gatewright migrate: DATABASE_URL")
    assert told("upgrade") == f"0 the tables are at {last}"
    assert told("current") == f"0 the tables are at {last} of {last}: current"
    assert told("check") == f"0 the {len(tables.ALL)} tables are those of this release"
    assert told("downgrade", "4711").startswith("2 gatewright migrate: no migration 4711")
    assert told("downgrade", "base") == "0 the tables are at none"
    assert told("upgrade", "0001") == "0 the tables are at 0001"


def test_a_file_that_a_server_has_open_is_not_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/server.db"
    database = Database(url, inline=lambda: True)
    database.open()
    run = CliRunner().invoke(app, ["migrate", "downgrade", "base", "--database-url", url])
    assert (run.exit_code, "in use by another process" in run.output) == (2, True)
    database.close()


def test_the_numbers_are_one_line_without_forks_as_alembic_sees_it() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert walked[::-1] == schema.list_versions()
    assert all(re.fullmatch(r"\d{4}", number) for number in walked)


def test_every_table_is_listed_and_every_column_means_the_same_on_both_engines() -> None:
    listed = {str(inspect(one).local_table) for one in tables.ALL}
    assert listed == set(SQLModel.metadata.tables)
    columns = [column for table in SQLModel.metadata.tables.values() for column in table.columns]
    assert [str(one) for one in columns if isinstance(one.type, DateTime) and not isinstance(one.type, Instant)] == []
    # PostgreSQL's Integer has 32 bits.
    sums = [one for one in columns if one.name.endswith("_minor")]
    assert sums
    assert [str(one) for one in sums if type(one.type) is Integer] == []
