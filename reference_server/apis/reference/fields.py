"""Says a schema in words: its fields as rows, its type with links to the schemas it names, its bounds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from contracts.binding.reference import Node, as_list

# Deeper than any body of the document; what lies below is shown by the schemas' own sections.
_DEEPEST = 4
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} of them"),
    ("maxItems", "at most {} of them"),
    ("maxProperties", "at most {} members"),
    ("default", "{} where it is left out"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text; `schema` names the one whose section it leads to."""

    text: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One row: a field, a parameter or a header. `depth` counts the objects around it; `bounds` are said in words."""

    name: str
    type: tuple[Word, ...]
    is_required: bool
    description: str
    bounds: tuple[str, ...]
    pattern: str
    depth: int = 0


def name_of_schema(place: Node) -> str:
    """Return the component that is named here, and nothing where the schema is written out."""
    return place.text("$ref").rpartition("/")[2]


def word_type(place: Node) -> tuple[Word, ...]:
    """Return what a value is."""
    named = name_of_schema(place)
    if named:
        choices = place.followed().members.get("enum")
        return (Word(named, named), *((Word(": " + _listed(choices)),) if choices else ()))
    if "const" in place.members:
        return (Word(_as_json(place.members["const"])),)
    if "enum" in place.members:
        return (Word("one of " + _listed(place.members["enum"])),)
    either = list(place.listed("oneOf"))
    if either:
        return _joined(word_type(one) for one in either)
    return _word_plain_type(place)


def rows_of(place: Node, depth: int = 0) -> Iterator[Field]:
    """Return an object's fields, those of the objects written out within it below each."""
    schema = place.followed()
    required = as_list(schema.members.get("required"))
    for name, member in schema.places("properties"):
        yield row_of(name, member, is_required=name in required, depth=depth)
        inner = member.place("items") or member
        if depth < _DEEPEST and not name_of_schema(inner):
            yield from rows_of(inner, depth + 1)


def row_of(name: str, member: Node, *, is_required: bool, depth: int = 0, description: str = "") -> Field:
    """Return the row of one value of this schema; what its place leaves unsaid, the schema that it names says."""
    said = {**member.followed().members, **member.members}
    return Field(
        name,
        word_type(member),
        is_required=is_required,
        description=description or str(said.get("description", "")),
        bounds=tuple(words.format(_as_json(said[key])) for key, words in _BOUNDS if key in said),
        pattern=str(said.get("pattern", "")),
        depth=depth,
    )


def _word_plain_type(place: Node) -> tuple[Word, ...]:
    kinds = place.members.get("type")
    several = as_list(kinds)
    if several:
        return (Word(" or ".join(map(str, several))),)
    items, values = place.place("items"), place.place("additionalProperties")
    if items is not None:
        return (Word("list of "), *word_type(items))
    if values is not None and values.members:
        return (Word("object, each member "), *word_type(values))
    form = place.text("format")
    return (Word(f"{kinds or 'any value'}{f', {form}' if form else ''}"),)


def _listed(choices: object) -> str:
    return ", ".join(_as_json(choice) for choice in as_list(choices))


def _joined(several: Iterable[tuple[Word, ...]]) -> tuple[Word, ...]:
    first, *others = several
    return (*first, *(word for words in others for word in (Word(" or "), *words)))


def _as_json(value: object) -> str:
    return orjson.dumps(value).decode()
