"""Webhooks of a document, held to it like requests."""

import pytest

from contracts.binding import DocumentError
from tests.contracts.binding.shop import SHOP

PAID = SHOP.webhook("orderPaid")
SIGNED = {"X-Signature": "0123456789"}


def test_a_webhook_of_the_document_breaks_nothing() -> None:
    assert PAID.method == "POST"
    assert PAID.violations(SIGNED, "application/json", b'{"order":"1"}') == ()


@pytest.mark.parametrize(
    ("headers", "content_type", "body", "broken"),
    [
        ({}, "application/json", b"{}", [("x-signature", "required"), ("/order", "required")]),
        (
            {"x-signature": "short"},
            "application/json",
            b'{"order":1}',
            [("x-signature", "minLength"), ("/order", "type")],
        ),
        (SIGNED, "text/plain", b"{}", [("content-type", "media-type")]),
        (SIGNED, None, b"{}", [("content-type", "media-type")]),
        (SIGNED, "application/json", b"", [("", "required")]),
        (SIGNED, "application/json", b'{"order":"\xff"}', [("", "charset")]),
        (SIGNED, "application/json", b'{"order":"1","order":"2"}', [("/order", "duplicate")]),
    ],
)
def test_a_webhook_that_breaks_its_document_is_pointed_at(
    headers: dict[str, str], content_type: str | None, body: bytes, broken: list[tuple[str, str]]
) -> None:
    found = PAID.violations(headers, content_type, body)
    assert [(violation.pointer, violation.rule) for violation in found] == broken


@pytest.mark.parametrize(
    ("name", "complaint"), [("orderLost", "there is no 'orderLost'"), ("orderShipped", "exactly one method")]
)
def test_a_webhook_that_the_document_does_not_have_is_named(name: str, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        SHOP.webhook(name)
