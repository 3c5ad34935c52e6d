"""Which engine staged servers run on: SQLite as their settings say, or PostgreSQL in the place of it."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from reference_server.settings import Settings
from tests.services.postgres_server import PostgresServer

IN_MEMORY = "sqlite://"


@dataclass
class _Postgres:
    """Stands in for every SQLite of one test: each in memory for a new database, each file for one that stays."""

    server: PostgresServer
    databases: ExitStack
    files: dict[str, str] = field(default_factory=dict[str, str])

    def url_for(self, url: str) -> str:
        if url == IN_MEMORY:
            return self.databases.enter_context(self.server.fresh_database())
        if url not in self.files:
            self.files[url] = self.databases.enter_context(self.server.fresh_database())
        return self.files[url]


_in_place: list[_Postgres] = []


@contextmanager
def on_postgres(server: PostgresServer) -> Generator[None]:
    """Let every server that is staged within the block run on PostgreSQL."""
    with ExitStack() as databases:
        _in_place.append(_Postgres(server, databases))
        try:
            yield
        finally:
            _in_place.pop()


def placed(settings: Settings) -> Settings:
    """Return the settings with the database that is meant here and now."""
    if not _in_place or not settings.database_url.startswith("sqlite"):
        return settings
    return settings.model_copy(update={"database_url": _in_place[-1].url_for(settings.database_url)})
