"""What holds for every test: how Hypothesis draws, and which engine its servers run on, with the services for that."""

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from tests.counts import PROVING, large
from tests.of_sqlite import find_reason
from tests.reference_server.engine import Services, one_test
from tests.services.postgres_server import PostgresServer, postgres_server
from tests.services.redis_server import redis_server

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

STRAY = """\
%s was opened, and would not be PostgreSQL with --engine postgres. Take the settings or the URL from
tests/reference_server/engine.py, or name this test in tests/of_sqlite.py, with the reason."""

_POSTGRES = pytest.StashKey[PostgresServer]()
_SERVICES = pytest.StashKey[Services]()
_STRAYS = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="what the servers of the tests run on: sqlite, or postgres, which means PostgreSQL with Redis",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "postgres":
        of_sqlite = [item for item in items if find_reason(item.nodeid) is not None]
        config.hook.pytest_deselected(items=of_sqlite)
        items[:] = [item for item in items if item not in of_sqlite]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    services = _services(item.config) if item.config.getoption("--engine") == "postgres" else None
    with one_test(services) as strays:
        item.stash[_STRAYS] = strays
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    done = yield
    strays = item.stash[_STRAYS]
    if strays and find_reason(item.nodeid) is None:
        pytest.fail(STRAY % strays[0], pytrace=False)
    return done


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    services = config.stash.get(_SERVICES, None)
    if services is not None:
        with services.redis.client() as client:
            counted = client.info("commandstats").items()
        asked = ", ".join(sorted(f"{name.removeprefix('cmdstat_')} {told['calls']}" for name, told in counted))
        terminalreporter.write_line(f"PostgreSQL with Redis in place of {services.stores} SQLite; Redis heard {asked}")


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """Return a PostgreSQL that starts when the first test asks for it; a test that stops it starts it again."""
    return _postgres(pytestconfig)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Generator[str]:
    """Return the URL of a database of the test's own, with all tables made and empty."""
    with postgres.fresh_database() as url:
        yield url


def _postgres(config: pytest.Config) -> PostgresServer:
    if _POSTGRES not in config.stash:
        config.stash[_POSTGRES] = _until_the_end(config).enter_context(postgres_server())
    return config.stash[_POSTGRES]


def _services(config: pytest.Config) -> Services:
    if _SERVICES not in config.stash:
        ends = _until_the_end(config)
        # Not in pytest's folder, whose path may be too long for a socket's.
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="gatewright-redis-")))
        config.stash[_SERVICES] = Services(_postgres(config), ends.enter_context(redis_server(folder)))
    return config.stash[_SERVICES]


def _until_the_end(config: pytest.Config) -> ExitStack:
    ends = ExitStack()
    config.add_cleanup(ends.close)
    return ends
