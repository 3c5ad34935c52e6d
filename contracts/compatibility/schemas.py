"""Does one schema still keep what another promised? Asked in two directions: what is read, and what is written.

What a side reads may only be read more widely; what it writes may only be written more narrowly. Limits of numbers and
lengths in what is written are left alone: no reader of sense breaks on a longer text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

# A schema of a document, as YAML has it.
Schema = Mapping[str, Any]


class Direction(Enum):
    """Who writes what a schema describes: others to us, or we to others."""

    READ = "read"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Break:
    """One promise taken back: of which operation, where in it, what was taken, and what would have been right."""

    operation: str
    place: str
    change: str
    cure: str


@dataclass(slots=True)
class Comparison:
    """Two documents under comparison: resolves references, and looks at no pair of schemas twice."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    direction: Direction
    operation: str
    _seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def compare(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        """Yield what `new` breaks of what `old` promised."""
        names = str(old.get("$ref", "")), str(new.get("$ref", ""))
        if all(names) and names in self._seen:
            return
        self._seen.add(names)
        old, new = resolve(self.old, old), resolve(self.new, new)
        if alternatives_of(old) or alternatives_of(new):
            yield from self._compare_alternatives(old, new, place=place)
            return
        yield from self._compare_kinds(old, new, place=place)
        yield from self._compare_members(old, new, place=place)
        if "items" in old and "items" in new:
            yield from self.compare(old["items"], new["items"], place=f"{place}[]")

    def is_kept(self, old: Schema, new: Schema) -> bool:
        """Say whether nothing breaks, without a trace of having looked."""
        aside = Comparison(self.old, self.new, self.direction, self.operation, set(self._seen))
        return next(aside.compare(old, new, place=""), None) is None

    def _found(self, place: str, change: str, *, cure: str) -> Break:
        return Break(self.operation, place, change, cure)

    def _compare_alternatives(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        olds, news = alternatives_of(old) or [old], alternatives_of(new) or [new]
        kept, held_to = (olds, news) if self.direction is Direction.READ else (news, olds)
        for number, one in enumerate(kept, 1):
            pairs = [(one, other) if self.direction is Direction.READ else (other, one) for other in held_to]
            if any(self.is_kept(*pair) for pair in pairs):
                continue
            which = f"alternative {number} ({kind_of(resolve(self.old, one))})"
            if self.direction is Direction.READ:
                yield self._found(
                    place, f"{which} is no longer accepted", cure="go on accepting it beside the new ones"
                )
            else:
                cure = "write the new kind in a member of its own"
                yield self._found(place, f"{which} may now be written, and nobody expects it", cure=cure)

    def _compare_kinds(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        # A number is wider than an integer, and no type at all is wider than any.
        was, now = types_of(old), types_of(new)
        wider, narrower = (now, was) if self.direction is Direction.READ else (was, now)
        strange = set[str]() if wider is None else (narrower or {"anything"}) - wider
        for name in sorted(strange):
            if self.direction is Direction.READ:
                yield self._found(place, f"type {name} is no longer accepted", cure=f"go on accepting {name}")
            else:
                yield self._found(place, f"may now be {name}", cure="leave the type; say the new thing in a new member")
        yield from self._compare_values(old, new, place=place)
        if self.direction is Direction.READ:
            yield from self._compare_limits(old, new, place=place)
        elif old.get("format") and old.get("format") != new.get("format"):
            cure = f"keep {old['format']}: readers parse it"
            yield self._found(place, f"its format {old['format']} became {new.get('format', 'none')}", cure=cure)

    def _compare_values(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        was, now = values_of(old), values_of(new)
        if self.direction is Direction.READ and now is not None:
            for value in sorted((was or {"any value"}) - now):
                yield self._found(place, f"{value} is no longer accepted", cure=f"go on accepting {value}")
        if self.direction is Direction.WRITTEN and was is not None:
            for value in sorted((now or {"any value"}) - was):
                cure = "whoever tells them apart knows no such value: say it in a new member, or raise the version"
                yield self._found(place, f"may now be {value}", cure=cure)

    def _compare_limits(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        for name, is_floor in _LIMITS.items():
            was, now = old.get(name), new.get(name)
            if now is None or was == now:
                continue
            if was is None or (now > was if is_floor else now < was):
                told = f"{name} is {now}" + ("" if was is None else f", and was {was}")
                yield self._found(place, told, cure="what was accepted stays accepted: leave the limit, or widen it")
        for name in ("pattern", "format"):
            if new.get(name) and new.get(name) != old.get(name):
                told = f"{name} {new[name]} is asked for, and was {old.get(name, 'not')}"
                yield self._found(place, told, cure="what was accepted stays accepted: leave it as it was")

    def _compare_members(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        was, now = members_of(old), members_of(new)
        for name in sorted(was.keys() - now.keys()):
            if self.direction is Direction.WRITTEN:
                yield self._found(
                    f"{place}/{name}", "is not written any more", cure="go on writing it; describe it as old"
                )
            elif new.get("additionalProperties") is False:
                yield self._found(
                    f"{place}/{name}", "is no longer accepted", cure="go on accepting it, if only to ignore it"
                )
        yield from self._compare_needs(old, new, place=place)
        is_closed = new.get("additionalProperties") is False and old.get("additionalProperties") is not False
        if self.direction is Direction.READ and is_closed:
            told = "members that the document does not name are no longer accepted"
            yield self._found(place, told, cure="leave additionalProperties as it was")
        for name in sorted(was.keys() & now.keys()):
            yield from self.compare(was[name], now[name], place=f"{place}/{name}")

    def _compare_needs(self, old: Schema, new: Schema, *, place: str) -> Iterator[Break]:
        was, now = set(cast("list[str]", old.get("required", []))), set(cast("list[str]", new.get("required", [])))
        if self.direction is Direction.READ:
            for name in sorted(now - was):
                yield self._found(
                    f"{place}/{name}", "is now required", cure="make it optional, with a default that fits"
                )
        else:
            for name in sorted((was - now) & members_of(new).keys()):
                yield self._found(f"{place}/{name}", "may now be left out", cure="go on writing it always")


# By name: whether a higher limit is the narrower one.
_LIMITS = {
    "minimum": True,
    "exclusiveMinimum": True,
    "minLength": True,
    "minItems": True,
    "minProperties": True,
    "maximum": False,
    "exclusiveMaximum": False,
    "maxLength": False,
    "maxItems": False,
    "maxProperties": False,
}


def resolve(document: Mapping[str, Any], schema: Schema) -> Schema:
    """Follow references inside the document, and lay the parts of an `allOf` into one."""
    while "$ref" in schema:
        place: Any = document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            place = place[step]
        schema = place
    if "allOf" not in schema:
        return schema
    parts = [resolve(document, part) for part in schema["allOf"]]
    whole: dict[str, Any] = {}
    for part in (*parts, {name: value for name, value in schema.items() if name != "allOf"}):
        whole = {
            **whole,
            **part,
            "properties": {**members_of(whole), **members_of(part)},
            "required": [*whole.get("required", []), *part.get("required", [])],
        }
    return whole


def alternatives_of(schema: Schema) -> list[Schema]:
    """Return what a schema offers to choose from; nothing where it is one thing."""
    return cast("list[Schema]", schema.get("oneOf") or schema.get("anyOf") or [])


def types_of(schema: Schema) -> set[str] | None:
    """Return the types a value may have, None for any; an integer is a number, too."""
    given: object = schema.get("type")
    if given is None:
        return None
    names = {given} if isinstance(given, str) else set(cast("list[str]", given))
    return names | {"integer"} if "number" in names else names


def values_of(schema: Schema) -> set[str] | None:
    """Return the values that a schema lists, as text; None where it lists none."""
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None


def members_of(schema: Schema) -> Mapping[str, Schema]:
    """Return the members that a schema names."""
    return cast("Mapping[str, Schema]", schema.get("properties", {}))


def kind_of(schema: Schema) -> str:
    """Name an alternative for a reader."""
    return str(schema.get("title") or schema.get("type") or "any")
