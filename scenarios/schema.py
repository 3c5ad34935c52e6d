"""`scenario.schema.json`: judges a file's tree and words what is wrong with it; also tells which steps there are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from scenarios.durations import is_duration, is_instant
from scenarios.examples import example_of
from scenarios.mistakes import nearest
from scenarios.tree import Place, Pointer, Tree, TreeValue

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

SCHEMA = Path(__file__).parent / "scenario.schema.json"

# A JSON Schema is a document of any shape: what is read from it is Any until it is a word or a list of words.
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArgumentDoc:
    """What one argument of a step is; `default` as it would be written, None where there is none."""

    name: str
    required: bool
    default: str | None
    possible: str
    words: str


@dataclass(frozen=True, slots=True)
class StepDoc:
    """What one step is, for `gatewright steps`. `plain`: it can stand alone, without arguments.

    `example` is a line as it may stand in a file.
    """

    verb: str
    words: str
    plain: bool
    takes: str
    arguments: tuple[ArgumentDoc, ...]
    example: str = ""


def find_mistakes(tree: Tree) -> None:
    """Judge the tree by the schema and note every mistake in it."""
    for error in _validator().iter_errors(tree.root):
        if tuple(error.instance_path) in tree.unread:
            continue
        for place, words in _word(tree, error):
            tree.blame(place, words)


def describe_steps() -> tuple[StepDoc, ...]:
    """Return what the schema says of every step."""
    root = _schema()
    plain = cast("list[str]", root["$defs"]["step"]["then"]["enum"])
    return tuple(_describe(verb, root["$defs"][verb], plain=verb in plain) for verb in _verbs())


def _verbs() -> Node:
    return cast("Node", _schema()["$defs"]["step"]["else"]["properties"])


def describe_faults() -> tuple[StepDoc, ...]:
    """Return what the schema says of every fault, in the words of a scenario file."""
    definitions = _schema()["$defs"]
    faults = cast("Mapping[str, Node]", definitions["fault"]["properties"])
    plain = cast("list[str]", definitions["fault_name"]["enum"])
    return tuple(_describe(name, schema, plain=name in plain) for name, schema in faults.items())


def durations_of_fault(name: str) -> frozenset[str]:
    """Return which settings of a fault are durations; in the control plane's words they end in `_seconds`."""
    members = cast("Mapping[str, Node]", _schema()["$defs"]["fault"]["properties"][name]["properties"])
    return frozenset(member for member, schema in members.items() if schema.get("$ref") == "#/$defs/duration")


def known_gateways() -> tuple[str, ...]:
    """Return the gateways that a scenario can be told with."""
    return tuple(cast("list[str]", _schema()["properties"]["gateway"]["enum"]))


def describe_groups() -> tuple[StepDoc, ...]:
    """Return what the schema says of the groups inside steps that have values of their own."""
    definitions = _schema()["$defs"]
    groups = {
        "when": definitions["inject_fault"]["properties"]["when"],
        "notifications": definitions["expect"]["properties"]["notifications"],
        "refunds": definitions["expect"]["properties"]["refunds"],
    }
    return tuple(_describe(name, cast("Node", schema), plain=False) for name, schema in groups.items())


def _describe(verb: str, schema: Node, *, plain: bool) -> StepDoc:
    members = cast("Mapping[str, Node]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    arguments = tuple(
        ArgumentDoc(
            name=name,
            required=name in required,
            default=json.dumps(member["default"]) if "default" in member else None,
            possible=_possible(member),
            words=_described(member),
        )
        for name, member in members.items()
    )
    takes = "" if arguments or plain else _possible(schema)
    example = example_of(verb, schema, plain=plain)
    return StepDoc(verb, _described(schema), plain=plain, takes=takes, arguments=arguments, example=example)


@cache
def _schema() -> Node:
    return cast("Node", json.loads(SCHEMA.read_text(encoding="utf-8")))


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    formats = {"gatewright-duration": is_duration, "gatewright-instant": is_instant}
    return jsonschema_rs.Draft202012Validator(dict(_schema()), formats=formats, validate_formats=True)


def _word(tree: Tree, error: "ValidationError") -> Iterator[tuple[Place, str]]:
    pointer: Pointer = tuple(error.instance_path)
    schema = _failing_schema(error)
    kind = cast("Any", error.kind)
    match kind.name:
        case "additionalProperties":
            for key in cast("list[str]", kind.unexpected):
                yield tree.keys[*pointer, key], _unknown_key(key, schema)
        case "required":
            where = f"in `{pointer[-1]}`" if pointer else "in the scenario"
            yield tree.place_of(pointer), f"`{kind.property}` is missing {where}"
        case "maxProperties":
            yield tree.place_of(pointer), _too_many(value_at(tree.root, pointer), schema)
        case "enum" if pointer[:1] == ("steps",) and len(pointer) == 2 and str(error.instance) in _verbs():
            yield tree.place_of(pointer), _not_alone(str(error.instance))
        case "enum":
            yield tree.place_of(pointer), _not_among(tree, error, cast("list[object]", kind.options))
        case _:
            yield (
                tree.place_of(pointer),
                f"found {found_words(tree, pointer, error.instance)}; {_due(schema, kind)} was due",
            )


def _unknown_key(key: str, schema: Node) -> str:
    possible = sorted(cast("Mapping[str, object]", schema.get("properties", {})))
    listed = f" Possible: {', '.join(possible)}." if possible else ""
    return f"`{key}` is not known here{nearest(key, possible) or '.'}{listed}"


def _too_many(found: TreeValue, schema: Node) -> str:
    members = list(found) if isinstance(found, dict) else []
    named = ", ".join(f"`{member}`" for member in members)
    if schema.get("title") == "nothing":
        return f"found {named}; this step takes nothing"
    return f"found {named} side by side where one was due; indent what belongs to `{members[0]}`"


def _not_alone(verb: str) -> str:
    schema = cast("Node", _schema()["$defs"][verb])
    needed = schema.get("required") or [_possible(schema)]
    return f"`{verb}` cannot stand alone; write `{verb}: …` with {', '.join(needed)}"


def _not_among(tree: Tree, error: "ValidationError", options: list[object]) -> str:
    pointer: Pointer = tuple(error.instance_path)
    possible = [str(option) for option in options]
    spelling = tree.spellings.get(pointer, "")
    found = found_words(tree, pointer, error.instance)
    return f"found {found}{nearest(spelling, possible) or '.'} Possible: {', '.join(possible)}."


def found_words(tree: Tree, pointer: Pointer, value: object) -> str:
    """Say what was found, in the spelling of the file."""
    spelling = tree.spellings.get(pointer)
    if isinstance(value, Mapping):
        return "a group of named values" if value else "an empty group"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if not spelling:
        return "nothing" if value is None else "an empty text"
    if isinstance(value, bool) and spelling not in {"true", "false"}:
        return f"{spelling}, which YAML reads as {str(value).lower()} unless it is quoted"
    short = spelling if len(spelling) <= 60 else spelling[:57] + "…"
    return repr(short) if isinstance(value, str) else short


def _due(schema: Node, kind: Any) -> str:
    match kind.name:
        case "const":
            return str(schema["const"])
        case "minItems":
            return f"at least {kind.limit}"
        case "maxItems" | "maxLength":
            return f"at most {kind.limit}" + (" characters" if kind.name == "maxLength" else "")
        case "minProperties":
            return f"at least one of {', '.join(sorted(schema['properties']))}" if "properties" in schema else "one"
        case "uniqueItems":
            return "a list in which each stands once"
        case _:
            return _possible(schema)


def _failing_schema(error: "ValidationError") -> Node:
    """Return the innermost schema that says in words what it wants, from the one that failed outwards."""
    around = _schema()
    node: object = around
    for part in error.schema_path[:-1]:
        node = cast("dict[str | int, object]", node)[part]
        if isinstance(node, dict) and not _SPEAKING.isdisjoint(cast("Node", node)):
            around = cast("Node", node)
    return around


_SPEAKING = {"title", "properties", "enum", "const", "type"}


def _possible(schema: Node) -> str:
    schema = _resolve(schema)
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return ", ".join(str(option) for option in schema["enum"])
    kinds = schema.get("type", "value")
    return " or ".join(_KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


_KINDS = {
    "object": "a group of named values",
    "null": "nothing",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
}


def _described(schema: Node) -> str:
    return str(schema.get("description") or _resolve(schema).get("description") or _possible(schema))


def _resolve(schema: Node) -> Node:
    if "$ref" not in schema:
        return schema
    return cast("Node", _schema()["$defs"][str(schema["$ref"]).rpartition("/")[2]])


def value_at(root: TreeValue, pointer: Pointer) -> TreeValue:
    """Return what stands at a pointer; None where nothing does."""
    for part in pointer:
        if isinstance(root, dict) and isinstance(part, str):
            root = root.get(part)
        elif isinstance(root, list) and isinstance(part, int) and part < len(root):
            root = root[part]
        else:
            return None
    return root
