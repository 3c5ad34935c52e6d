"""What becomes of kept answers on the way up to sealed ones and down again, on both engines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from reference_server.engines import schema
from tests.services.postgres_server import PostgresServer
from tests.services.test_migrations import ENGINES, empty_database, rebuilt

ROW = """
    INSERT INTO idempotency_keys
    VALUES ('mer_1', :key, 'createEndpoint', 'h', '2030-01-01', '2030-01-02', 201, 'application/json', '[]', :body,
            '', '', 0, 0{sealed})
"""


def add(key: str, *, sealed: str = "") -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(ROW.format(sealed=sealed)), {"key": key, "body": b"{}"})


def keys(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT key FROM idempotency_keys ORDER BY key")).scalars())


def to(number: str) -> Callable[[Connection], object]:
    return lambda connection: schema.upgrade(connection, number)


@pytest.mark.parametrize("engine", ENGINES)
def test_open_answers_stay_and_sealed_ones_go_where_nothing_could_hold_them(
    engine: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    with empty_database(engine, tmp_path, lambda: postgres) as url:
        rebuilt(url, to("0001"))
        rebuilt(url, add("before"))
        rebuilt(url, to("0002"))
        rebuilt(url, add("open", sealed=", NULL"))
        rebuilt(url, add("sealed", sealed=", :body"))
        assert rebuilt(url, keys) == ["before", "open", "sealed"]
        rebuilt(url, lambda connection: schema.downgrade(connection, "0001"))
        assert rebuilt(url, keys) == ["before", "open"]
        rebuilt(url, to("0002"))
        assert rebuilt(url, keys) == ["before", "open"]
