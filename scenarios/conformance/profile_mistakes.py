"""`profile.schema.json`: judges a profile's tree, and words what is wrong with it for whoever wrote the profile."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from scenarios.mistakes import nearest
from scenarios.schema import found_words
from scenarios.tree import Place, Pointer, Tree, TreeValue

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

SCHEMA = Path(__file__).parent / "profile.schema.json"

# A JSON Schema is a document of any shape: what is read from it is Any until it is a word or a list of words.
Node = Mapping[str, Any]

_PATTERNS = {"^/": "a text that begins with /", "^https?://": "an address that begins with http:// or https://"}
_KINDS = {
    "object": "a group of named values",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
}


def find_mistakes(tree: Tree) -> None:
    """Judge the tree by the schema and note every mistake in it."""
    for error in jsonschema_rs.validator_for(dict(_schema())).iter_errors(as_plain(tree.root)):
        if tuple(error.instance_path) in tree.unread:
            continue
        for place, words in _word(tree, error):
            tree.blame(place, words)


def as_plain(value: TreeValue) -> object:
    """Return the tree as JSON has it. Numbers with a point are durations here, never money."""
    if isinstance(value, dict):
        return {name: as_plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


@cache
def _schema() -> Node:
    return cast("Node", json.loads(SCHEMA.read_text(encoding="utf-8")))


def _word(tree: Tree, error: "ValidationError") -> Iterator[tuple[Place, str]]:
    pointer: Pointer = tuple(error.instance_path)
    node, kind = _node_at(pointer), cast("Any", error.kind)
    if kind.name == "additionalProperties":
        possible = sorted(cast("Mapping[str, object]", node.get("properties") or {}))
        for key in cast("list[str]", kind.unexpected):
            near = nearest(key, possible) or "."
            words = f"`{key}` is not known here{near} Possible: {', '.join(possible)}."
            yield tree.keys.get((*pointer, key), tree.place_of(pointer)), words
        return
    if kind.name == "required":
        where = f"in `{pointer[-1]}`" if pointer else "in the profile"
        meant = _described(_node_at((*pointer, kind.property)))
        yield tree.place_of(pointer), f"`{kind.property}` is missing {where}{meant}"
        return
    found = found_words(tree, pointer, error.instance)
    yield tree.place_of(pointer), f"found {found}; {_due(node, kind.name)} was due"


def _due(node: Node, kind: str) -> str:
    match kind:
        case "const":
            return str(node["const"])
        case "enum":
            return " or ".join(str(one) for one in node["enum"])
        case "pattern":
            return _PATTERNS[node["pattern"]]
        case "minItems" | "minLength":
            return "at least one" if kind == "minItems" else "a text that is not empty"
        case "maxLength":
            return f"at most {node['maxLength']} characters"
        case "minimum" | "maximum":
            return f"a number from {node['minimum']} to {node['maximum']}"
        case _:
            return _PATTERNS.get(node.get("pattern", ""), _KINDS.get(node.get("type", ""), "another value"))


def _described(node: Node) -> str:
    return f": {node['description']}" if "description" in node else ""


def _node_at(pointer: Pointer) -> Node:
    node = _schema()
    for part in pointer:
        members = cast("Mapping[str, object]", node.get("properties") or {})
        inner = cast("object", node.get("items")) if isinstance(part, int) else members.get(part)
        found = inner or cast("object", node.get("additionalProperties"))
        node = _resolve(cast("Node", found)) if isinstance(found, dict) else cast("Node", {})
    return node


def _resolve(node: Node) -> Node:
    if "$ref" not in node:
        return node
    return cast("Node", _schema()["$defs"][str(node["$ref"]).rpartition("/")[2]])
