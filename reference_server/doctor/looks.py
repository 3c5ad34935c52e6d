"""Looks that need no server: the settings, the database and its tables, Redis. Nothing is changed by looking."""

from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.doctor.checklist import Item, Line, Mark
from reference_server.engines import schema
from reference_server.engines.schema import Standing
from reference_server.errors import InUseError, ServerError
from reference_server.fastpath import FastPath
from reference_server.settings import Environment, Settings


def look_at_settings(settings: Settings) -> Line:
    """Say what is missing of what this environment needs; what cannot be was refused when the settings were read."""
    lacking = list(_lacking(settings))
    told = "; ".join(lacking) or f"readable, for {settings.environment.value}"
    return Line(Item.SETTINGS, Mark.FAILED if lacking else Mark.OK, told)


def look_at_database(settings: Settings) -> list[Line]:
    """Say how the tables stand, and whether PostgreSQL answers."""
    is_shared = not settings.database_url.startswith("sqlite")
    unused = Line(Item.POSTGRESQL, Mark.NOT_USED, "DATABASE_URL names SQLite, which serves one process")
    if not is_shared and not _is_file_there(settings):
        return [Line(Item.MIGRATIONS, Mark.FAILED, "there is no such file yet: the first start makes it"), unused]
    try:
        standing, version = _standing_of(settings)
    except InUseError:
        # The lock of the process that has it. A server starts on no other tables than its own.
        return [Line(Item.MIGRATIONS, Mark.OK, "a running server has the file, and serves only its own tables"), unused]
    except ServerError as error:
        if is_shared:
            return [Line(Item.MIGRATIONS, Mark.NOT_TRIED, "without the database"), _failed_postgresql(error)]
        return [Line(Item.MIGRATIONS, Mark.FAILED, "the file cannot be opened, or is no database of SQLite"), unused]
    answers = Line(Item.POSTGRESQL, Mark.OK, "it answers") if is_shared else unused
    return [_migrations_of(standing, version), answers]


async def look_at_redis(settings: Settings) -> Line:
    """Say whether Redis answers."""
    if not settings.redis_address:
        return Line(Item.REDIS, Mark.NOT_USED, "neither REDIS_URL nor REDIS_HOST is set")
    fast = FastPath(settings.redis_address, Clock(Activity()))
    try:
        answers = await fast.answers()
    finally:
        await fast.close()
    return Line(Item.REDIS, Mark.OK if answers else Mark.FAILED, "it answers" if answers else "it does not answer")


def _lacking(settings: Settings) -> list[str]:
    lacking: list[str] = []
    if settings.environment is Environment.PRODUCTION:
        if urlsplit(settings.public_url).scheme != "https":
            lacking.append("PUBLIC_URL is no https address, which gateways and browsers need")
        if not settings.admin_token.get_secret_value() and not settings.merchant_api_key:
            lacking.append("neither ADMIN_TOKEN nor MERCHANT_API_KEY is set: there can be no merchant")
    return lacking


def _is_file_there(settings: Settings) -> bool:
    path = settings.database_url.removeprefix("sqlite:///")
    return path not in {"", "sqlite://"} and Path(path).is_file()


def _standing_of(settings: Settings) -> tuple[Standing, str]:
    def unit(session: Session) -> tuple[Standing, str]:
        connection = session.connection()
        return schema.stand(connection), schema.find_version(connection) or "none"

    database = Database(settings.database_url, inline=lambda: True)
    database.open(as_it_stands=True)
    try:
        return database.read_now(unit)
    finally:
        database.close()


def _migrations_of(standing: Standing, version: str) -> Line:
    wanted = schema.list_versions()[-1]
    told = f"the tables are at {version} of {wanted}"
    if standing is Standing.CURRENT:
        return Line(Item.MIGRATIONS, Mark.OK, told)
    return Line(Item.MIGRATIONS, Mark.FAILED, f"{told} ({standing.value}): gatewright migrate upgrade")


def _failed_postgresql(error: ServerError) -> Line:
    # Its own text may name the address; a checklist is shown around.
    return Line(Item.POSTGRESQL, Mark.FAILED, f"it does not answer ({type(error).__name__})")
