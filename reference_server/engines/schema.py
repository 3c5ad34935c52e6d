"""The tables as they stand in a database, against those of this release: made, migrated, compared, or refused.

Everything here works on a connection whose transaction somebody else ends. Migrations are numbered in one row.
"""

import io
import re
from collections.abc import Sequence
from contextlib import redirect_stdout
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from reference_server.errors import SettingsError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_VERSION_TABLE = "alembic_version"
_NUMBERED = re.compile(r"r(\d{4})_\w+\.py")


class Standing(Enum):
    """How the tables of a database stand to those of this release."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    # Migrated by a later release than this.
    NEWER = "newer"
    # Tables of before there were migrations, or of something else.
    FOREIGN = "foreign"


def list_versions() -> list[str]:
    """Return the number of every migration, oldest first."""
    found = (_NUMBERED.fullmatch(path.name) for path in (MIGRATIONS / "versions").iterdir())
    return sorted(match[1] for match in found if match)


def find_version(connection: Connection) -> str | None:
    """Return the number of the last migration that the database has seen."""
    if _VERSION_TABLE not in inspect(connection).get_table_names():
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608  # our constant


def stand(connection: Connection) -> Standing:
    """Say how the database stands."""
    version, versions = find_version(connection), list_versions()
    if version is None:
        others = set(inspect(connection).get_table_names()) - {_VERSION_TABLE}
        return Standing.FOREIGN if others else Standing.EMPTY
    if version not in versions:
        return Standing.NEWER
    return Standing.CURRENT if version == versions[-1] else Standing.OLDER


def bring_up(connection: Connection) -> None:
    """Make the tables, or migrate them to this release. Raises `SettingsError` where neither can be."""
    standing = stand(connection)
    if standing is Standing.EMPTY:
        make(connection)
    elif standing is Standing.OLDER:
        upgrade(connection)
    else:
        require_current(connection)


def require_current(connection: Connection) -> None:
    """Raise `SettingsError`, which says what to do, unless the tables are those of this release."""
    version, wanted = find_version(connection), list_versions()[-1]
    match stand(connection):
        case Standing.CURRENT:
            return
        case Standing.EMPTY | Standing.OLDER:
            told = (
                f"is at migration {version or 'none'} and this release wants {wanted}: run `gatewright migrate upgrade`"
            )
        case Standing.NEWER:
            told = f"is at migration {version}, which a later release made: this one ends at {wanted}"
        case Standing.FOREIGN:
            told = "has tables that no migration made (a file of before 0.2.0, or another program's): take an empty one"
    raise SettingsError(f"DATABASE_URL: the database {told}")


def make(connection: Connection) -> None:
    """Make all tables in an empty database, as the migrations one after the other would."""
    SQLModel.metadata.create_all(connection)
    column = "version_num VARCHAR(32) NOT NULL PRIMARY KEY"
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {_VERSION_TABLE} ({column})"))
    written = text(f"INSERT INTO {_VERSION_TABLE} VALUES (:version)")  # noqa: S608  # our constant
    connection.execute(written, {"version": list_versions()[-1]})


def upgrade(connection: Connection, to: str = "head") -> None:
    """Migrate up."""
    _alembic(connection, "upgrade", to=to)


def downgrade(connection: Connection, to: str) -> None:
    """Migrate down; what only the later tables had is lost. `base` takes everything away."""
    _alembic(connection, "downgrade", to=to)


def find_differences(connection: Connection) -> Sequence[str]:
    """Return how the tables differ from those of this release, a line each."""
    # Alembic takes a moment to import, and a start whose tables are current needs nothing of it.
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  # see above
    from alembic.migration import MigrationContext  # noqa: PLC0415  # see above

    options = {"compare_type": True, "compare_server_default": True}
    return [
        str(one) for one in compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    ]


def _alembic(connection: Connection, command: str, *, to: str) -> None:
    from alembic import command as commands  # noqa: PLC0415  # see find_differences
    from alembic.config import Config  # noqa: PLC0415  # see find_differences

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with redirect_stdout(io.StringIO()):
        getattr(commands, command)(config, to)
