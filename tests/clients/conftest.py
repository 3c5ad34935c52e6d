"""The simulators that the tests of this folder share; each test opens an account of its own in them."""

from collections.abc import Generator

import pytest

from tests.clients.simulated import Running, running


@pytest.fixture(scope="session")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running(tmp_path_factory.mktemp("certs")) as started:
        yield started
