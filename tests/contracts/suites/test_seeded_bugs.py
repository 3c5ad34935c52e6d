"""Mistakes put into the reference server by hand: the suite finds each of them, and nothing in the server as it is."""

import pytest

from contracts.suites import SUBJECTS, Cap
from contracts.suites.judge import accuse_of_webhooks, prepare
from contracts.suites.network import Network
from contracts.suites.receiver import Receiver
from contracts.suites.suite import Suite
from tests.contracts.suites.broken import BUGS, served

PAY, READ = "POST /api/v1/payments", "GET /api/v1/payments/{paymentId}"
# What is asked is a part of the document, so that a test is short; the whole finds them as well.
FOUND = {
    "none": ([READ], None),
    "forgets idempotency keys": ([PAY], (PAY, "replay is identical")),
    "shows one merchant's payments to another": ([READ], (READ, "others see nothing")),
    "signs other bytes than it sends": ([READ], ("webhooks", "webhooks are proven")),
    "tells sums in major units": ([PAY], (PAY, "Response violates schema")),
}


def judged(bug: str, only: list[str]) -> Suite:
    network = Network()
    with served(bug) as url, Receiver() as receiver:
        suite = prepare(SUBJECTS["server"], {"server": url, "receiver": receiver.url}, network=network)
        assert suite.choose(only)
        # Enough that some are answered by a success, whose repeat is what tells.
        for _ in suite.run(Cap(1, 20), seed=1):
            pass
        if only == [READ]:
            accuse_of_webhooks(suite, receiver)
    network.close()
    return suite


def test_every_mistake_has_a_row() -> None:
    assert FOUND.keys() == BUGS.keys()


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_found_by_the_contract_suite(bug: str) -> None:
    only, expected = FOUND[bug]

    found = {(one.operation, one.title) for one in judged(bug, only).findings}

    assert found == set() if expected is None else expected in found
