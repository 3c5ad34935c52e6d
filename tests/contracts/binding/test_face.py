"""What the kit shows to both sides, and nothing more."""

from dataclasses import FrozenInstanceError, fields

import pytest

import contracts.binding as kit
from contracts.binding import Answer, Call, Limits, Place, RefusalKind


def test_the_kit_exports_exactly_what_others_code_against() -> None:
    assert kit.__all__ == [
        "ASGIApp", "Answer", "AnswerError", "Around", "BindingError", "Call", "Document", "DocumentError", "Handler",
        "KitError", "Limits", "NoAnswer", "Operation", "Place", "Receive", "Refusal", "RefusalKind", "Refuse", "Scope",
        "Send", "UploadedFile", "Violation", "WebhookContract", "bind",
    ]  # fmt: skip
    assert all(hasattr(kit, name) for name in kit.__all__)


def test_a_call_has_exactly_the_fields_that_handlers_read() -> None:
    assert [field.name for field in fields(Call)] == [
        "operation", "path", "query", "headers", "body", "raw_body", "media_type", "raw_headers", "raw_query",
        "raw_path", "client", "scheme", "host", "extensions", "receive",
    ]  # fmt: skip


def test_limits_are_those_that_the_documents_promise() -> None:
    assert Limits() == Limits(1_048_576, 1_000, 32, 65_536, 8_192)


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Answer(200).status = 500  # pyright: ignore[reportAttributeAccessIssue] (the test asks for it)


def test_places_and_refusals_have_words_for_the_wire() -> None:
    assert [place.value for place in Place] == ["path", "query", "header", "cookie", "body", "answer"]
    assert [kind.name for kind in RefusalKind] == [
        "NOT_FOUND", "METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE", "TOO_LARGE", "MALFORMED", "INVALID",
    ]  # fmt: skip
