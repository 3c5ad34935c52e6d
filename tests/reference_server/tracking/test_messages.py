"""contracts/realtime.yaml: what it says of itself holds, and it agrees with openapi.yaml."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from reference_server.documents import OPENAPI, REALTIME
from reference_server.errors import OurError
from reference_server.tracking.messages import Messages
from reference_server.tracking.rooms import JOIN, JOINED, UPDATE

DOCUMENT: Any = yaml.safe_load(REALTIME.read_text("utf-8"))
MESSAGES = Messages(REALTIME)


def refs_in(node: Any) -> Iterator[str]:
    """Every reference below a node."""
    if isinstance(node, dict):
        for name, value in node.items():  # pyright: ignore[reportUnknownVariableType]  # as the YAML has it
            yield from [value] if name == "$ref" else refs_in(value)
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType]  # as the YAML has it
            yield from refs_in(value)


def test_every_reference_leads_somewhere() -> None:
    refs = set(refs_in(DOCUMENT))
    for ref in refs:
        node = DOCUMENT
        for step in ref.removeprefix("#/").split("/"):
            assert step in node, ref
            node = node[step]

    assert refs


def test_every_message_has_an_operation_and_is_spoken() -> None:
    spoken = [ref for operation in DOCUMENT["operations"].values() for ref in refs_in(operation) if "/messages/" in ref]

    assert (
        {ref.rpartition("/")[2] for ref in spoken} == set(DOCUMENT["components"]["messages"]) == {JOIN, JOINED, UPDATE}
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        pytest.param(name, example["payload"], id=f"{name}-{example['name']}")
        for name, message in DOCUMENT["components"]["messages"].items()
        for example in message["examples"]
    ],
)
def test_an_example_is_what_it_is_an_example_of(name: str, body: object) -> None:
    assert MESSAGES.violations_of(name, body) == ()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (UPDATE, {"sessionId": "ses_1", "tran_id": "T"}),
        (UPDATE, {"sessionId": "ses_1", "tran_id": "T", "status": "PAID"}),
        (UPDATE, {"sessionId": "ses_1", "tran_id": "T", "status": "SUCCESS", "customer": {}}),
        (JOINED, {"ok": True, "error": "no such session"}),
        (JOINED, {"ok": False, "sessionId": "ses_1"}),
    ],
)
def test_what_the_document_does_not_allow_does_not_go_out(name: str, body: object) -> None:
    with pytest.raises(OurError, match=name):
        MESSAGES.require(name, body)


@pytest.mark.parametrize("schema", ["Status", "PaymentState"])
def test_both_documents_have_the_same_words(schema: str) -> None:
    openapi: Any = yaml.safe_load(OPENAPI.read_text("utf-8"))

    assert DOCUMENT["components"]["schemas"][schema]["enum"] == openapi["components"]["schemas"][schema]["enum"]
