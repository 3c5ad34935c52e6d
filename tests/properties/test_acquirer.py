"""Lost answers, late calls, refusals, deaths and changed minds in any order, against an acquirer's book."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from tests.counts import large
from tests.properties.acquirer_machine import AcquirerMachine
from tests.properties.life import Life
from tests.reference_server.apis.payments.shop import sandbox_says

pytestmark = pytest.mark.timeout(900)


class AcquirerOnSqlite(AcquirerMachine):
    """In a file, which outlives the server."""

    def make_life(self) -> Life:
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'server.db'}"
        return Life(sandbox_says(database_url=url), acquirer=self.acquirer)

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestAcquirerOnSqlite = AcquirerOnSqlite.TestCase
TestAcquirerOnSqlite.settings = settings(max_examples=large(100), stateful_step_count=20)
