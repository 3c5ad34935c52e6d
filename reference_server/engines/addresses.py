"""PostgreSQL's URL as merchants and hosters write it, turned into what the driver takes."""

from sqlalchemy import URL

from reference_server.errors import SettingsError

_NAMES = {"postgres", "postgresql", "postgresql+asyncpg"}
# libpq's name for it, and asyncpg's.
_RENAMED = {"sslmode": "ssl"}
# What libpq takes and asyncpg settles by itself; hosters' URLs carry it.
_LEFT_OUT = {"channel_binding", "connect_timeout", "gssencmode"}
_TAKEN = {"ssl", "host", "port", "passfile", "target_session_attrs"}


def is_postgres(url: URL) -> bool:
    """Say whether the URL is one of PostgreSQL's."""
    return url.drivername in _NAMES


def read_postgres_url(url: URL) -> URL:
    """Return the URL for asyncpg. Raises `SettingsError` for an option that it would not take."""
    options = {_RENAMED.get(name, name): value for name, value in url.query.items() if name not in _LEFT_OUT}
    unknown = sorted(set(options) - _TAKEN)
    if unknown:
        raise SettingsError(f"DATABASE_URL: no such option: {', '.join(unknown)}")
    if not url.database:
        raise SettingsError("DATABASE_URL: names no database, as in postgresql://user:password@host:5432/gatewright")
    return url.set(drivername="postgresql+asyncpg", query=options)
