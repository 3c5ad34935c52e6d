"""Document 000's words for every pair of states, and only words that openapi.yaml has."""

from itertools import product

import pytest

from contracts.binding import Document
from reference_server.apis.hosted_page.words import Wording, word_status
from reference_server.documents import OPENAPI
from reference_server.fulfilment.lifecycle import FulfilmentState
from reference_server.payments.lifecycle import PaymentState

PAIRS = list(product(PaymentState, [None, *FulfilmentState]))


@pytest.mark.parametrize(
    ("payment", "fulfilment", "wording"),
    [
        ("PENDING", None, Wording("PENDING")),
        ("AUTHORIZED", None, Wording("PENDING")),
        ("HELD", None, Wording("PENDING", held=True)),
        ("NEEDS_REVIEW", None, Wording("PENDING", held=True)),
        ("CAPTURED", None, Wording("SUCCESS")),
        ("CAPTURED", "OWED", Wording("VALIDATED")),
        ("CAPTURED", "RETRYING", Wording("SYNC_PENDING")),
        ("CAPTURED", "NEEDS_REVIEW", Wording("SYNC_PENDING")),
        ("CAPTURED", "DONE", Wording("SUCCESS")),
        ("CAPTURED", "WAIVED", Wording("FAILED")),
        ("FAILED", None, Wording("FAILED")),
        ("CANCELLED", None, Wording("CANCELLED")),
        ("EXPIRED", None, Wording("FAILED", expired=True)),
    ],
)
def test_each_pair_of_states_has_its_word(payment: str, fulfilment: str | None, wording: Wording) -> None:
    state = None if fulfilment is None else FulfilmentState(fulfilment)
    assert word_status(PaymentState(payment), state) == wording


@pytest.mark.parametrize(("payment", "fulfilment"), PAIRS)
def test_every_pair_has_a_word_of_the_document(payment: PaymentState, fulfilment: FulfilmentState | None) -> None:
    word = word_status(payment, fulfilment).status
    assert Document.load(OPENAPI).violations_of("Status", word) == ()


def test_the_documents_states_are_the_lifecycles() -> None:
    document = Document.load(OPENAPI)
    for component, states in (("PaymentState", PaymentState), ("FulfilmentState", FulfilmentState)):
        assert all(document.violations_of(component, state.value) == () for state in states)
        assert document.violations_of(component, "SOMETHING") != ()
