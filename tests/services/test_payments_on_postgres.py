"""The machine of tests/properties on PostgreSQL: payments, refunds, notifications, repeats and deaths in any order."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.checks.asking import Asked, Told
from tests.counts import large
from tests.properties.hosted_machine import HostedPageMachine
from tests.properties.life import Life
from tests.reference_server.stage import SETTINGS
from tests.services.postgres_server import PostgresServer


@pytest.mark.timeout(900)
def test_no_sequence_breaks_the_books_on_postgresql(postgres: PostgresServer) -> None:
    class PaymentsOnPostgres(HostedPageMachine):
        """In a database of its own, which outlives the server."""

        def make_life(self) -> Life:
            self.database = postgres.fresh_database()
            return Life(SETTINGS.model_copy(update={"database_url": self.database.__enter__()}))

        def _insist(self, asked: Asked, dies: int | None) -> Told:
            # Who died in the middle of a gateway call is known for dead here only when the lease ends, in real time.
            return super()._insist(asked, None if asked.url.endswith(("/capture", "/cancel")) else dies)

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.database.__exit__(None, None, None)

    drawn = settings(max_examples=large(30), stateful_step_count=15)
    run_state_machine_as_test(PaymentsOnPostgres, settings=drawn)
