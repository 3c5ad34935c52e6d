"""Payments, captures, cancels, refunds, notifications, repeats and deaths in any order."""

from contextlib import ExitStack
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from tests.counts import large
from tests.properties.hosted_machine import HostedPageMachine
from tests.properties.life import Life
from tests.reference_server.engine import placed
from tests.reference_server.stage import SETTINGS

# A second or so for each example; proving draws a hundred.
pytestmark = pytest.mark.timeout(900)


class Payments(HostedPageMachine):
    """On the engine that is meant: a file of SQLite, or PostgreSQL with Redis. Both outlive the server."""

    def make_life(self) -> Life:
        self.ends = ExitStack()
        folder = self.ends.enter_context(TemporaryDirectory())
        in_file = SETTINGS.model_copy(update={"database_url": f"sqlite:///{folder}/server.db"})
        return Life(placed(in_file, until=self.ends))

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.ends.close()


TestPayments = Payments.TestCase
TestPayments.settings = settings(max_examples=large(100), stateful_step_count=20)
