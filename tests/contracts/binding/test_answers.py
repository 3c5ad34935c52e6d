"""Answers held to the document."""

import pytest

from contracts.binding import Answer, AnswerError, Document, DocumentError, bind
from tests.contracts.binding.shop import JSON, Counter, Heard, handlers_of, open_shop, scope_of, send_to

ORDER = b'{"amount":1,"items":[]}'
PLACE = (("location", "/orders/1"),)


async def answered(target: str, answer: Answer, body: bytes = b"") -> Heard:
    method, _, path = target.partition(" ")
    scope = scope_of(method, path, headers=JSON | {"x-attempt": "1"})
    return await send_to(open_shop(Counter(answer=answer), check_answers=True), scope, body)


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("POST /orders", Answer(201, ORDER, "application/json", PLACE)),
        ("POST /orders", Answer(201, ORDER, "application/json; charset=utf-8", (*PLACE, ("X-Left", "3"), ("x-b", "")))),
        ("POST /orders", Answer(204)),
        ("POST /orders", Answer(418, b'{"title":"tea"}', "application/problem+json")),
        ("GET /orders", Answer(500, b'{"title":"sorry"}', "application/problem+json")),
        ("GET /orders/mine", Answer.html(200, "<p>")),
        ("GET /receipts/1.pdf", Answer(200, b"%PDF\xff", "application/pdf")),
        ("GET /receipts/1.pdf", Answer(200, b"%PDF", "application/pdf")),
        ("HEAD /orders", Answer(200)),
        ("HEAD /orders", Answer(200, b"[]", "application/json")),
    ],
)
async def test_an_answer_of_the_document_goes_out(target: str, answer: Answer) -> None:
    assert (await answered(target, answer, ORDER)).status == answer.status


@pytest.mark.parametrize(
    ("target", "answer", "broken"),
    [
        ("POST /orders", Answer(200), [("", "status")]),
        ("POST /orders", Answer(201, ORDER, "application/json"), [("location", "required")]),
        (
            "POST /orders",
            Answer(201, b"{}", "application/json", (("location", "x" * 41), ("x-left", "few"))),
            [("location", "maxLength"), ("x-left", "type"), ("/amount", "required"), ("/items", "required")],
        ),
        ("POST /orders", Answer(201, b"{", "application/json", PLACE), [("", "malformed")]),
        ("POST /orders", Answer(201, ORDER, "application/json", PLACE * 2), [("location", "repeated")]),
        (
            "POST /orders",
            Answer(201, ORDER[:-1] + b',"amount":1}', "application/json", PLACE),
            [("/amount", "duplicate")],
        ),
        ("POST /orders", Answer(201, ORDER, "text/json", PLACE), [("content-type", "media-type")]),
        ("POST /orders", Answer(201, headers=PLACE), [("content-type", "media-type")]),
        ("POST /orders", Answer.text(204, "x"), [("content-type", "media-type")]),
        ("POST /orders", Answer(204, b"x"), [("content-type", "media-type")]),
        ("POST /orders", Answer(404, b"{}", "application/problem+json"), [("/title", "required")]),
        ("GET /receipts/1.pdf", Answer(200, b"0123456789", "application/pdf"), [("", "maxLength")]),
    ],
)
async def test_an_answer_that_the_document_does_not_allow_is_named(
    target: str, answer: Answer, broken: list[tuple[str, str]]
) -> None:
    with pytest.raises(AnswerError, match=f"answered {answer.status}, which its document does not allow") as raised:
        await answered(target, answer, ORDER)
    assert raised.value.status == answer.status
    assert raised.value.operation_id in str(raised.value)
    assert [(violation.pointer, violation.rule) for violation in raised.value.violations] == broken


async def test_a_refusal_of_a_known_operation_is_held_to_its_document_too() -> None:
    with pytest.raises(AnswerError, match="openSession answered 400"):
        await answered("POST /session", Answer(200), b"{")


def test_a_header_without_schema_stops_the_binding() -> None:
    responses: dict[str, object] = {"200": {"headers": {"x-a": {}}}}
    root = {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a", "responses": responses}}}}
    document = Document.from_mapping(root, name="shop")
    with pytest.raises(DocumentError, match="a header needs a schema"):
        bind(document, handlers_of(document, Counter().serve), refuse=Counter().refuse, check_answers=True)
