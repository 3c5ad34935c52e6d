"""The suite finds each bug that was put into a small side, and accuses the right one of nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.suites import Cap, Knowledge, Suite
from contracts.suites.judging import (
    RefusalChangesNothing,
    answers_in_time,
    no_server_error,
    strangers_stay_outside,
)
from contracts.suites.network import Network
from tests.contracts.suites.counter import DOCUMENT, KEY, Counter, served

KNOWLEDGE = Knowledge({"X-Key": KEY}, names={"id": ("1", "2")})
CAP = Cap(80)
MAKE, READ = "POST /things", "GET /things/{id}"
BUGS = [
    ("raises above 5000", MAKE, "a server error that the document does not name"),
    ("text above 5000", MAKE, "Response violates schema"),
    ("no door", MAKE, "a stranger was let in"),
    ("refuses and makes it all the same", MAKE, "a refusal that changed something"),
    ("a status of its own", READ, "Undocumented status code"),
]


def judged(counter: Counter, *, document: Mapping[str, Any] = DOCUMENT, cap: Cap = CAP) -> Suite:
    network = Network()
    with served(counter) as url:
        refusals = RefusalChangesNothing(network, url, account="")
        checks = (no_server_error, strangers_stay_outside, answers_in_time, refusals)
        suite = Suite(document, url, knowledge=KNOWLEDGE, checks=checks)
        for _ in suite.run(cap, seed=1):
            pass
    network.close()
    return suite


def test_a_side_that_keeps_its_document_is_accused_of_nothing() -> None:
    suite = judged(Counter())

    assert suite.findings == []
    assert suite.tally.sent >= CAP.cases
    assert all(one.successes for one in suite.tally.operations.values())


def test_a_refusal_by_any_4xx_is_a_refusal() -> None:
    assert judged(Counter(invalid=413)).findings == []


@pytest.mark.parametrize(("bug", "operation", "title"), BUGS, ids=[bug for bug, *_ in BUGS])
def test_a_bug_is_found_where_it_is_and_told_with_its_request(bug: str, operation: str, title: str) -> None:
    suite = judged(Counter(bug))

    found = [one for one in suite.findings if one.title == title]
    assert [one.operation for one in found] == [operation], suite.findings
    assert found[0].curl.startswith("curl -X")


def test_a_document_that_promises_more_than_is_kept_is_found_broken() -> None:
    thing = {"type": "object", "required": ["id", "amount", "currency"]}
    promised = {"description": "There it is", "content": {"application/json": {"schema": thing}}}
    read = {**DOCUMENT["paths"]["/things/{id}"]["get"]}
    read["responses"] = {**read["responses"], "200": promised}
    document = {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/things/{id}": {"get": read}}}

    suite = judged(Counter(), document=document)

    assert {(one.operation, one.title) for one in suite.findings} == {(READ, "Response violates schema")}


def test_a_side_that_is_gone_is_a_finding_and_no_crash() -> None:
    with served(Counter()) as url:
        pass
    suite = Suite(DOCUMENT, url, knowledge=KNOWLEDGE, checks=())

    for _ in suite.run(Cap(5), seed=1):
        pass

    assert suite.findings
    assert suite.tally.sent == 0
