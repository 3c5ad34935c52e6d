"""Payments, captures, cancels, refunds, repeats and deaths in any order, on SQLite."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from tests.counts import large
from tests.properties.hosted_machine import HostedPageMachine
from tests.properties.life import Life
from tests.reference_server.stage import SETTINGS

# A second or so for each example; proving draws a hundred.
pytestmark = pytest.mark.timeout(900)


class PaymentsOnSqlite(HostedPageMachine):
    """In a file, which outlives the server."""

    def make_life(self) -> Life:
        self.folder = TemporaryDirectory()
        database = Path(self.folder.name) / "server.db"
        return Life(SETTINGS.model_copy(update={"database_url": f"sqlite:///{database}"}))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestPaymentsOnSqlite = PaymentsOnSqlite.TestCase
TestPaymentsOnSqlite.settings = settings(max_examples=large(100), stateful_step_count=20)
