"""Looks at decoded JSON values, whatever schema they have."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import cast

from contracts.binding.reference import escape
from contracts.binding.violation import MOST_VIOLATIONS, Place, Violation


def every_value(value: object) -> Iterator[tuple[str, object]]:
    """Each value inside `value` and itself, with its JSON pointer. A loop: the value came from outside."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, found = waiting.pop()
        yield pointer, found
        if isinstance(found, dict):
            members = cast("dict[str, object]", found)
            waiting.extend((f"{pointer}/{escape(key)}", member) for key, member in members.items())
        elif isinstance(found, list):
            items = cast("list[object]", found)
            waiting.extend((f"{pointer}/{index}", item) for index, item in enumerate(items))


def is_deeper(value: object, limit: int) -> bool:
    """Whether arrays and objects are nested in `value` more than `limit` deep."""
    deepest = next(islice(levels(value), limit, None), list[object]())
    return any(isinstance(inner, dict | list) for inner in deepest)


def levels(value: object) -> Iterator[list[object]]:
    """The values inside `value` by depth, it alone first. Ten times as fast as `every_value`, which makes pointers."""
    level: list[object] = [value]
    while level:
        yield level
        level = [inner for outer in level for inner in _inside(outer)]


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def nul_violations(value: object, *, place: Place, prefix: str = "") -> tuple[Violation, ...]:
    """PostgreSQL's text cannot hold U+0000, and C code ends there: no text of a message may hold one.

    A name in an object that does is pointed at by its object.
    """
    message = "holds a NUL character, which no text here may"
    found = (
        Violation(place, f"{prefix}{pointer}", "nul", message)
        for pointer, found in every_value(value)
        if any("\0" in text for text in _texts(found))
    )
    return tuple(islice(found, MOST_VIOLATIONS))


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
