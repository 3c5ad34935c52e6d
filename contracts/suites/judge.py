"""Joins a subject to whoever answers it: learns what opens its doors, then returns the suite that will judge it."""

from contracts.suites.judging import (
    Check,
    RefusalChangesNothing,
    answers_in_time,
    no_server_error,
    strangers_stay_outside,
)
from contracts.suites.network import Network
from contracts.suites.subjects import Addresses, Subject, load_document
from contracts.suites.suite import Suite


def prepare(subject: Subject, addresses: Addresses, *, network: Network) -> Suite:
    """Make the calls that give the suite something genuine to name. Raises `PeerError`."""
    knowledge = subject.learn(network, addresses)
    checks: list[Check] = [no_server_error, strangers_stay_outside, answers_in_time]
    control = addresses.get(subject.keeps_journal or "")
    if control is not None:
        checks.append(RefusalChangesNothing(network, control, account=knowledge.account, refuses=subject.refuses))
    document = load_document(subject.document)
    suite = Suite(document, addresses[subject.listener], knowledge=knowledge, checks=tuple(checks))
    suite.refuses = subject.refuses
    return suite
