"""The server's own document: valid, its examples too, and the wire types made from it not stale."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from contracts.binding import Document
from contracts.binding.generate import main
from reference_server.documents import OPENAPI


def test_the_document_is_openapi() -> None:
    root: Any = Document.load(OPENAPI).root
    validate(root)


def test_the_wire_types_are_those_of_the_document() -> None:
    models = Path(OPENAPI).parent / "reference_server" / "models.py"
    assert main([str(OPENAPI), str(models), "--check"]) == 0


@pytest.mark.parametrize(("example", "component"), [("NewPayment", "NewPayment"), ("CancelledIpn", "Ipn")])
def test_shared_examples_are_what_they_show(example: str, component: str) -> None:
    document = Document.load(OPENAPI)
    root: Any = document.root
    assert document.violations_of(component, root["components"]["examples"][example]["value"]) == ()


def test_examples_of_answers_are_what_they_show() -> None:
    document = Document.load(OPENAPI)
    root: Any = document.root
    shown = [
        ("OpenedPayment", root["paths"]["/payment/init"]["post"]["responses"]["200"], "opened"),
        ("PaymentStatus", root["paths"]["/payment/status/{sessionId}"]["get"]["responses"]["200"], "paid"),
    ]
    for component, response, name in shown:
        example = response["content"]["application/json"]["examples"][name]["value"]
        assert document.violations_of(component, example) == ()
    problem = root["components"]["responses"]["Problem"]["content"]["application/problem+json"]
    for example in problem["examples"].values():
        assert document.violations_of("Problem", example["value"]) == ()
