"""Compiles the schemas of one document and turns what a value breaks into violations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, cast
from urllib.parse import quote

import jsonschema_rs

from contracts.binding.errors import DocumentError
from contracts.binding.reference import Node, escape, pointer_of
from contracts.binding.values import levels, type_name
from contracts.binding.violation import MOST_VIOLATIONS, Place, Violation

_DOCUMENT = "urn:document"
# jsonschema-rs lists all errors before it hands out the first: measured, 22 microseconds and 2.4 KB each, so that a
# megabyte of wrong numbers takes 11 s and 1.2 GB. Of a value with more parts than this only the first one is asked.
_LARGE = 5_000
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# RFC 6901 section 6: a pointer in a URI fragment is percent-encoded but for these.
_FRAGMENT_CHARACTERS = "/~!$&'()*+,;=:@"


class Validator(Protocol):
    """What the kit uses of a compiled jsonschema-rs validator."""

    def is_valid(self, instance: object) -> bool: ...

    def validate(self, instance: object) -> None: ...

    def iter_errors(self, instance: object) -> Iterator[jsonschema_rs.ValidationError]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Schemas:
    """The schemas of one document, each compiled once."""

    document: str
    registry: jsonschema_rs.Registry
    _compiled: dict[str, Validator] = field(default_factory=dict[str, Validator])

    @classmethod
    def of(cls, document: str, root: Mapping[str, object]) -> "Schemas":
        try:
            registry = jsonschema_rs.Registry([(_DOCUMENT, {**root, "$schema": _DIALECT})])
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise DocumentError(f"{document}: {error}") from error
        return cls(document, registry)

    def at(self, node: Node) -> Validator:
        """The validator of the schema at `node`. Raises DocumentError where it is no schema."""
        if node.pointer not in self._compiled:
            self._compiled[node.pointer] = self._compile(node.pointer)
        return self._compiled[node.pointer]

    def _compile(self, pointer: str) -> Validator:
        schema = {"$ref": f"{_DOCUMENT}#{quote(pointer, safe=_FRAGMENT_CHARACTERS)}"}
        try:
            # The mask keeps values out of messages: they travel to answers, journals and logs.
            compiled = jsonschema_rs.validator_for(
                schema, registry=self.registry, validate_formats=True, mask="the value"
            )
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            # Its further lines repeat the place.
            raise DocumentError(f"{self.document}#{pointer}: {str(error).partition(chr(10))[0]}") from error
        return cast("Validator", compiled)


def violations_of(validator: Validator, value: object, *, place: Place, prefix: str = "") -> tuple[Violation, ...]:
    """What `value` breaks, up to MOST_VIOLATIONS, or the first thing if it is large; pointers start with `prefix`."""
    if validator.is_valid(value):
        return ()
    errors = _first_error(validator, value) if _is_large(value) else validator.iter_errors(value)
    found = (violation for error in errors for violation in _violations(error, place, prefix))
    return tuple(islice(found, MOST_VIOLATIONS))


def _is_large(value: object) -> bool:
    return sum(map(len, levels(value))) > _LARGE


def _first_error(validator: Validator, value: object) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


def _violations(error: jsonschema_rs.ValidationError, place: Place, prefix: str) -> Iterator[Violation]:
    pointer = prefix + pointer_of(error.instance_path)
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Required(property=name):
            yield Violation(place, f"{pointer}/{escape(name)}", "required", f"{name} is required and missing")
        case kinds.AdditionalProperties(unexpected=names) | kinds.UnevaluatedProperties(unexpected=names):
            for name in names:
                yield Violation(place, f"{pointer}/{escape(name)}", error.kind.name, "there is no member of this name")
        case kinds.AnyOf(context=alternatives) | kinds.OneOfNotValid(context=alternatives):
            yield Violation(place, pointer, error.kind.name, _nearest(alternatives))
        case kinds.Type(types=types):
            yield Violation(place, pointer, "type", _wrong_type(types, error.instance))
        case kinds.Format(format=name):
            yield Violation(place, pointer, "format", f"must be of the format {name}")
        case kinds.Enum(options=options):
            yield Violation(place, pointer, "enum", f"must be one of {_listed(options)}")
        case kind:
            yield Violation(place, pointer, kind.name, error.message)


def _wrong_type(types: list[str], value: object) -> str:
    return f"must be {' or '.join(types)}, and is {type_name(value)}"


def _listed(options: object) -> str:
    """List every value that is possible: the validator's own message leaves most of them out."""
    return ", ".join(map(str, options)) if isinstance(options, list) else str(options)  # pyright: ignore[reportUnknownArgumentType]  # of the document, any JSON


def _nearest(alternatives: list[list[jsonschema_rs.ValidationError]]) -> str:
    """Say what the alternative with the fewest errors lacks: it is most likely the one that was meant."""
    errors = min(alternatives, key=len)
    first = next(_violations(errors[0], Place.BODY, ""))
    where = f" at {first.pointer}" if first.pointer else ""
    return f"is none of the {len(alternatives)} allowed forms; the nearest one breaks{where}: {first.message}"
