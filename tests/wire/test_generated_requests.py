"""Requests by the ten thousand from our own documents, valid and broken, to every listener on the machine's clock.

The suite is the one of `gatewright contract`; both sides' answers are checked from inside, too: a wrong one is a 500.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.suites import SUBJECTS, Cap, Knowledge, Subject, Suite, load_document
from contracts.suites.judge import accuse_of_webhooks, prepare
from contracts.suites.judging import answers_in_time, no_server_error
from contracts.suites.network import Network
from contracts.suites.receiver import Receiver
from tests.counts import large
from tests.wire.sides import API_KEY, API_SECRET, ROOT, Sides, standing

CASES = {"server": 20_000, "sslcommerz": 10_000}
KNOWLEDGE = Knowledge({"X-Api-Key": API_KEY, "X-Api-Secret": API_SECRET}, names={"account": ("default",)})


@dataclass(frozen=True, slots=True)
class Target:
    """A document beside those of `gatewright contract`; of the control plane, the part of one side."""

    document: str
    listener: str
    cases: int
    side: str | None = None

    def load(self) -> dict[str, Any]:
        """Return the document with the operations of this side alone."""
        document = load_document(ROOT / self.document)
        if self.side is not None:
            document["paths"] = {path: self._of_side(members) for path, members in document["paths"].items()}
        return document

    def _of_side(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return {name: member for name, member in members.items() if self.side in member.get("x-sides", ())}


TARGETS = (
    Target("contracts/control.yaml", "server", 1_500, side="server"),
    Target("contracts/control.yaml", "control", 1_500, side="simulators"),
    Target("contracts/provisioning.yaml", "merchant", 700),
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
def test_every_answer_of_a_subject_keeps_to_its_document(subject: Subject) -> None:
    suite = judge_subject(subject, cases=CASES[subject.name])

    # A door that stays shut proves nothing about what is behind it.
    assert [one.name for one in suite.tally.operations.values() if not one.successes] == []


# A listener has sides of its own each time: the control plane resets, reseeds and stops clocks.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.listener}:{target.document}")
def test_every_answer_of_a_listener_keeps_to_its_document(target: Target) -> None:
    with standing() as sides:
        checks = (no_server_error, answers_in_time)
        suite = Suite(target.load(), sides.urls[target.listener], knowledge=KNOWLEDGE, checks=checks)
        judge(suite, sides, cases=target.cases)


def judge_subject(subject: Subject, *, cases: int) -> Suite:
    with standing() as sides, Receiver() as receiver:
        addresses = {**sides.urls, "simulators": sides.urls["control"], "receiver": receiver.url}
        suite = prepare(subject, addresses, network=Network())
        judge(suite, sides, cases=cases)
        accuse_of_webhooks(suite, receiver)
    assert suite.findings == []
    return suite


def judge(suite: Suite, sides: Sides, *, cases: int) -> None:
    wanted = large(cases)
    for _ in suite.run(Cap(wanted), seed=1):
        pass
    for one in suite.tally.operations.values():
        print(one)  # noqa: T201  -rP shows it
    assert [f"{one.operation}: {one.title}: {one.seen[:500]} {one.curl[:500]}" for one in suite.findings] == []
    assert suite.tally.sent >= wanted
    assert sides.take_failures() == []
