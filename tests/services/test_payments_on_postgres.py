"""The machine of tests/properties on PostgreSQL with Redis, in every run."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.counts import large
from tests.properties.test_payments import Payments
from tests.reference_server.engine import Services, one_test
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import redis_server


@pytest.mark.timeout(900)
def test_no_sequence_breaks_the_books_on_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    drawn = settings(max_examples=large(30), stateful_step_count=15)
    with redis_server(tmp_path) as redis, one_test(Services(postgres, redis)):
        run_state_machine_as_test(Payments, settings=drawn)
