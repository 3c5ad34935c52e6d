"""Joins a subject to whoever answers it: learns what opens its doors, then returns the suite that will judge it."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.compatibility import newest_release
from contracts.suites import hooks
from contracts.suites.clock import rest
from contracts.suites.deliveries import judge_deliveries
from contracts.suites.finding import Finding
from contracts.suites.judging import (
    Check,
    RefusalChangesNothing,
    answers_in_time,
    no_server_error,
    strangers_stay_outside,
)
from contracts.suites.knowledge import Knowledge
from contracts.suites.network import Network
from contracts.suites.receiver import Receiver
from contracts.suites.subjects import Addresses, Subject, load_document
from contracts.suites.suite import Suite

# A refused attempt is made again after five seconds in test mode.
ROUNDS_AWAITED, AWAITED_SECONDS = 4, 2.0
OWN_PATH = "/mine"


def prepare(
    subject: Subject, addresses: Addresses, *, network: Network, headers: Mapping[str, str] | None = None
) -> Suite:
    """Make the calls that give the suite something genuine to name, or show `headers` alone. Raises `PeerError`."""
    knowledge = Knowledge(headers) if headers else subject.learn(network, addresses)
    checks: list[Check] = [no_server_error, strangers_stay_outside, answers_in_time]
    control = addresses.get(subject.keeps_journal or "")
    if control is not None and not headers:
        checks.append(RefusalChangesNothing(network, control, account=knowledge.account, refuses=subject.refuses))
    document = load_document(subject.document)
    if knowledge.other:
        hooks.OTHERS[addresses[subject.listener]] = knowledge.other
    suite = Suite(document, addresses[subject.listener], knowledge=knowledge, checks=tuple(checks))
    suite.refuses, suite.hides = subject.refuses, bool(headers)
    if subject.is_released:
        suite.accuse(find_breaks(document))
    return suite


def accuse_of_webhooks(suite: Suite, receiver: Receiver) -> None:
    """Await what is still on its way to the receiver, for so long as more comes, and hold all of it to the document."""
    if not suite.knowledge.webhook_secret:
        return
    for _ in range(ROUNDS_AWAITED):
        before = len(receiver.received)
        rest(AWAITED_SECONDS)
        if len(receiver.received) == before:
            break
    received, secret = receiver.received, suite.knowledge.webhook_secret
    suite.accuse(judge_deliveries(suite.document, received, secret, path=OWN_PATH))
    if not any(one.path == OWN_PATH for one in received):
        expected = "webhooks of the payments that were made"
        suite.accuse([Finding("webhooks", "no webhook came", expected, "none at the receiver", "")])


def find_breaks(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare with the document of the last release: what merchants rely on stays."""
    release = newest_release()
    for one in release.breaks(document):
        title = f"breaks who wrote code against {release.name}: {one.place}"
        yield Finding(one.operation, title, f"as in {release.name}. {one.cure}", f"{one.place} {one.change}", "")
