"""The tie of states to the words of documents 001 and 003: every state has one, and openapi.yaml knows it."""

from typing import Any, get_args

import pytest

from contracts.binding import Document
from reference_server.apis.payments.words import PaymentWord, RefundWord, word_payment, word_refund
from reference_server.documents import OPENAPI
from reference_server.gateways.gateway import Method
from reference_server.money import EXPONENTS
from reference_server.payments.lifecycle import PaymentState
from reference_server.refunds.lifecycle import RefundState

# DESIGN 6, the column of 001 and 003.
PAYMENTS = {
    "PENDING": ("pending", False, None),
    "AUTHORIZED": ("pending", False, None),
    "HELD": ("pending", True, None),
    "NEEDS_REVIEW": ("pending", True, None),
    "CAPTURED": ("success", False, None),
    "FAILED": ("failed", False, "payment_failed"),
    "CANCELLED": ("failed", False, "cancelled"),
    "EXPIRED": ("failed", False, "expired"),
}
REFUNDS = {"PENDING": "pending", "NEEDS_REVIEW": "pending", "PROCESSED": "processed", "FAILED": "failed"}


def enum_of(schema: str) -> list[str]:
    root: Any = Document.load(OPENAPI).root
    return root["components"]["schemas"][schema]["enum"]


@pytest.mark.parametrize("state", PaymentState)
def test_every_state_of_a_payment_has_its_word(state: PaymentState) -> None:
    words = word_payment(state)
    assert (words.status, words.held, words.error_code) == PAYMENTS[state.value]
    assert (words.error_description is not None) is (words.status == "failed")


@pytest.mark.parametrize("state", RefundState)
def test_every_state_of_a_refund_has_its_word(state: RefundState) -> None:
    assert word_refund(state) == REFUNDS[state.value]


def test_the_words_are_those_of_the_document_and_all_of_them() -> None:
    assert (
        sorted(enum_of("PaymentWord")) == sorted(get_args(PaymentWord)) == sorted({it[0] for it in PAYMENTS.values()})
    )
    assert sorted(enum_of("RefundStatus")) == sorted(get_args(RefundWord)) == sorted(set(REFUNDS.values()))
    assert sorted(enum_of("PaymentState")) == sorted(state.value for state in PaymentState)
    assert sorted(enum_of("Method")) == sorted(method.value for method in Method)


def test_every_currency_can_be_written_as_the_document_says() -> None:
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
