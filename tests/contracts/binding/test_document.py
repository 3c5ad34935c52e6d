"""Loading documents, and the complaints about those that cannot be."""

import os
from pathlib import Path

import pytest

from contracts.binding import Document, DocumentError, Place, Violation
from tests.contracts.binding.shop import SHOP

HEAD = "openapi: 3.1.0\n"


def test_operations_are_listed_with_what_the_document_says_of_them() -> None:
    operation = next(found for found in SHOP.operations if found.operation_id == "createOrder")
    assert (operation.method, operation.path, operation.tags) == ("POST", "/orders", ("orders",))
    assert operation.extensions == {"x-sides": ["server"]}


def test_a_value_is_held_to_a_component() -> None:
    assert SHOP.violations_of("Item", {"amount": 1}) == ()
    assert SHOP.violations_of("Item", {}) == (
        Violation(Place.BODY, "/amount", "required", "amount is required and missing"),
    )


def test_an_unknown_component_is_named() -> None:
    with pytest.raises(DocumentError, match="there is no 'Refund'"):
        SHOP.violations_of("Refund", {})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("openapi: 3.1.0\npaths:\n  /a: {get: [}\n", ":3:14: "),
        ("openapi: 3.1.0\npaths: {}\npaths: {}\n", ":3:1: 'paths' stands here twice"),
        ("[1]: 2\n", ":1:1: found unhashable key"),
        ("- 1\n", ":1:1: the document must be a mapping"),
        ("", ":1:1: the document must be a mapping"),
        ("a: \0\n", ": unacceptable character"),
        ("a: !!python/name:os.system x\n", ":1:4: could not determine a constructor"),
        ("openapi: 3.0.3\n", "#/openapi: must be 3.1.x, and is '3.0.3'"),
        ("openapi: 3.1\n", "#/openapi: must be 3.1.x, and is 3.1"),
        (HEAD + "paths: {/a: {get: {}}}\n", "#/paths/~1a/get: has no operationId"),
        (HEAD + "paths: {/a: {get: {operationId: b}, put: {operationId: b}}}\n", "#: operationId 'b' is given to"),
        (HEAD + "paths: {/a: {$ref: '#/components/x'}}\n", "#/paths/~1a: $ref '#/components/x' names nothing"),
        (HEAD + "paths: {/a: {$ref: 'other.yaml#/x'}}\n", "#/paths/~1a: $ref 'other.yaml#/x' leaves the document"),
        (
            HEAD + "x: {$ref: '#/x'}\npaths: {/a: {$ref: '#/x'}}\n",
            "#/paths/~1a: the references from here go in a circle",
        ),
    ],
)
def test_a_document_that_cannot_be_loaded_is_named_with_the_place(text: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as raised:
        Document.load(path)
    assert str(raised.value).startswith(f"{path}{place}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"none\.yaml: cannot be read: No such file"):
        Document.load(tmp_path / "none.yaml")


def test_a_file_is_read_again_when_it_has_changed_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(HEAD, encoding="utf-8")
    os.utime(path, ns=(1, 1))
    first = Document.load(path)
    assert Document.load(path) is first
    path.write_text(HEAD + "x-a: 1\n", encoding="utf-8")
    os.utime(path, ns=(2, 2))
    assert Document.load(path).root["x-a"] == 1


def test_yaml_is_read_as_openapi_wants_it(tmp_path: Path) -> None:
    """OpenAPI 3.1.1 section 4.4. PyYAML alone reads false, a date, 750, 31, and keys that are no text."""
    path = tmp_path / "plain.yaml"
    path.write_text(
        HEAD + "a: [no, 2026-01-01, 12:30, 0x1f, 007, true, null, ~, -5, 0.10, 1e3, .5]\n200: x\nnull: y\ntrue: z\n",
        encoding="utf-8",
    )
    root = Document.load(path).root
    values = ["no", "2026-01-01", "12:30", "0x1f", "007", True, None, None, -5, 0.1, 1000.0, ".5"]
    assert root["a"] == values
    assert (root["200"], root["null"], root["true"]) == ("x", "y", "z")


def test_a_mapping_that_is_no_json_is_named() -> None:
    with pytest.raises(DocumentError, match="shop: "):
        Document.from_mapping({"openapi": "3.1.0", "x-a": object()}, name="shop")


def test_references_are_followed_through_references() -> None:
    root = {
        "openapi": "3.1.0",
        "paths": {"/a": {"$ref": "#/components/pathItems/a~1b"}},
        "components": {"pathItems": {"a/b": {"$ref": "#/components/pathItems/c"}, "c": {"get": {"operationId": "d"}}}},
    }
    assert [operation.operation_id for operation in Document.from_mapping(root, name="x").operations] == ["d"]


def test_a_schema_that_is_none_is_named_when_it_is_compiled() -> None:
    document = Document.from_mapping(
        {"openapi": "3.1.0", "components": {"schemas": {"A": {"type": "money"}}}}, name="x"
    )
    with pytest.raises(DocumentError, match="x#/components/schemas/A: "):
        document.violations_of("A", 1)
