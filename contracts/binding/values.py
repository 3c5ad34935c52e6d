"""Looks at decoded JSON values, whatever schema they have."""

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from contracts.binding.reference import escape
from contracts.binding.violation import Place, Violation


def every_value(value: object) -> Iterator[tuple[str, int, object]]:
    """Each value inside `value` and itself, with its JSON pointer and its depth: 1 for an array or object at the top.

    A loop and not a recursion: the value came from outside.
    """
    waiting: list[tuple[str, int, object]] = [("", 0, value)]
    while waiting:
        pointer, above, found = waiting.pop()
        depth = above + isinstance(found, (dict, list))
        yield pointer, depth, found
        if isinstance(found, dict):
            members = cast("dict[str, object]", found)
            waiting.extend((f"{pointer}/{escape(key)}", depth, member) for key, member in members.items())
        elif isinstance(found, list):
            items = cast("list[object]", found)
            waiting.extend((f"{pointer}/{index}", depth, item) for index, item in enumerate(items))


def nul_violations(value: object, *, place: Place, prefix: str = "") -> tuple[Violation, ...]:
    """PostgreSQL's text cannot hold U+0000, and C code ends there: no text of a message may hold one.

    A name in an object that does is pointed at by its object.
    """
    message = "holds a NUL character, which no text here may"
    return tuple(
        Violation(place, f"{prefix}{pointer}", "nul", message)
        for pointer, _, found in every_value(value)
        if any("\0" in text for text in _texts(found))
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from cast("dict[str, object]", value)


def type_name(value: object) -> str:
    """The JSON type of `value`, as JSON Schema names it."""
    names: dict[type, str] = {
        dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", Decimal: "number",
        float: "number",
    }  # fmt: skip
    return names.get(type(value), "null" if value is None else type(value).__name__)
