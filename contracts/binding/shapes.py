"""What a schema says about the type of a value that arrives as text. Validation proper is `validation.py`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from contracts.binding.numerals import decimal_or_text, number_or_text
from contracts.binding.reference import Node, as_list
from contracts.binding.values import type_name

Decode = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON types that a schema allows (empty: any), its items and its properties.

    Looks through `$ref`, `allOf`, `anyOf` and `oneOf`.
    """

    kinds: frozenset[str]
    items: Node | None
    properties: Mapping[str, Node]

    @property
    def is_array(self) -> bool:
        return "array" in self.kinds and "string" not in self.kinds

    @property
    def is_object(self) -> bool:
        return "object" in self.kinds and "string" not in self.kinds


def shape_of(schema: Node | None) -> Shape:
    kinds: set[str] = set()
    items: Node | None = None
    properties: dict[str, Node] = {}
    for part in _parts(schema, set()) if schema else ():
        kinds |= _kinds(part)
        items = items or part.place("items")
        for name, place in part.places("properties"):
            properties.setdefault(name, place)
    return Shape(frozenset(kinds), items, properties)


def _parts(schema: Node, seen: set[str]) -> Iterator[Node]:
    if schema.pointer in seen:
        return
    seen.add(schema.pointer)
    yield schema
    if "$ref" in schema.members:
        yield from _parts(schema.followed(), seen)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.items(keyword):
            yield from _parts(part, seen)


def _kinds(schema: Node) -> set[str]:
    named = schema.members.get("type")
    if isinstance(named, str):
        return {named}
    if named is None:
        constant = [schema.members["const"]] if "const" in schema.members else []
        return {type_name(value) for value in (*as_list(schema.members.get("enum")), *constant)}
    return {kind for kind in as_list(named) if isinstance(kind, str)}


def decode_of(shape: Shape) -> Decode:
    """Reads one text as the type that the schema wants; what cannot be read stays text, for the schema to report."""
    if not shape.kinds or "string" in shape.kinds:
        return _text
    read_number = _reads_number(shape.kinds)
    booleans = _BOOLEANS if "boolean" in shape.kinds else {}

    def decode(text: str) -> object:
        return booleans[text] if text in booleans else read_number(text)

    return decode


def _reads_number(kinds: frozenset[str]) -> Decode:
    if "integer" in kinds:
        return number_or_text
    return decimal_or_text if "number" in kinds else _text


_BOOLEANS = {"true": True, "false": False}


def _text(text: str) -> object:
    return text
