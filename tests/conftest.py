"""What holds for every test: how Hypothesis draws, and the one PostgreSQL of a test process."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.counts import PROVING, large
from tests.services.postgres_server import PostgresServer, postgres_server

# Without deadlines, since none of our tests is about speed. In CI the same examples each time; when proving, new ones,
# and a failure prints the line that repeats it.
settings.register_profile(
    "gatewright",
    max_examples=large(1_000),
    derandomize=not PROVING,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gatewright")


@pytest.fixture(scope="session")
def postgres() -> Generator[PostgresServer]:
    """Return a PostgreSQL that starts when the first test asks for it; a test that stops it starts it again."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Generator[str]:
    """Return the URL of a database of the test's own, with all tables made and empty."""
    with postgres.fresh_database() as url:
        yield url
