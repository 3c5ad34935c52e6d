"""The parameters of one operation: read from their place by style, decoded by schema, validated."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.binding.fields import (
    ABSENT,
    FieldReader,
    Fields,
    Unquote,
    json_field,
    plain,
    unquote_form,
    unquote_percent,
)
from contracts.binding.limits import Limits
from contracts.binding.reference import Node
from contracts.binding.styles import Style
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.validation import Schemas, Validator, violations_of
from contracts.binding.values import nul_violations
from contracts.binding.violation import Place, Violation

# OpenAPI 3.1.1 section 4.8.12.2.1: definitions of these header parameters are ignored.
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
_DEFAULT_STYLES = {Place.PATH: "simple", Place.QUERY: "form", Place.HEADER: "simple", Place.COOKIE: "form"}
_UNQUOTES: dict[Place, Unquote] = {
    Place.PATH: unquote_percent,
    Place.QUERY: unquote_form,
    Place.HEADER: plain,
    Place.COOKIE: plain,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter, ready to be read."""

    name: str
    place: Place
    required: bool
    read: FieldReader
    validator: Validator

    def check(self, value: object, findings: Findings) -> None:
        findings.add_all(violations_of(self.validator, value, place=self.place, prefix=self.name))
        findings.add_all(nul_violations(value, place=self.place, prefix=self.name))


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one place."""

    declared: tuple[Parameter, ...]

    def __bool__(self) -> bool:
        return bool(self.declared)

    def read(self, fields: Fields, findings: Findings) -> dict[str, object]:
        """What could be read, by name; a value that breaks its schema is among it."""
        values: dict[str, object] = {}
        for parameter in self.declared:
            try:
                value = parameter.read(fields)
            except Unreadable as unreadable:
                findings.add(unreadable.at(parameter.place, parameter.name), unreadable.kind)
                continue
            if value is not ABSENT:
                values[parameter.name] = value
                parameter.check(value, findings)
            elif parameter.required:
                message = f"the {parameter.place.value} parameter {parameter.name} is required and missing"
                findings.add(Violation(parameter.place, parameter.name, "required", message))
        return values


@dataclass(frozen=True, slots=True)
class _Compiler:
    """What the parameters of one operation have in common."""

    schemas: Schemas
    limits: Limits
    last_counts: bool

    def parameter(self, place: Place, name: str, *, node: Node) -> Parameter:
        required = node.members.get("required") is True
        schema, reader = self._json(place, name, node=node) or self._styled(place, name, node=node)
        return Parameter(name, place, required, reader, self.schemas.at(schema))

    def _json(self, place: Place, name: str, *, node: Node) -> tuple[Node, FieldReader] | None:
        for media_type, content in node.children("content"):
            schema = content.place("schema")
            if media_type != "application/json" or schema is None:
                raise content.error("the content of a parameter must be application/json with a schema")
            return schema, json_field(name, _UNQUOTES[place], self.limits, last_counts=self.last_counts)
        return None

    def _styled(self, place: Place, name: str, *, node: Node) -> tuple[Node, FieldReader]:
        schema = node.place("schema")
        if schema is None:
            raise node.error("a parameter needs a schema or a content")
        style_name = node.text("style", _DEFAULT_STYLES[place])
        explode = node.members.get("explode", style_name == "form") is True
        style = Style(style_name, explode, _UNQUOTES[place], self.last_counts)
        return schema, style.reader(name, schema)


def parameters_of(item: Node, operation: Node, *, schemas: Schemas, limits: Limits) -> dict[Place, Parameters]:
    """The declared parameters by place; an operation's own stand before its path's (OpenAPI 3.1.1 section 4.8.9.1)."""
    compiler = _Compiler(schemas, limits, operation.members.get("x-repeated") == "last")
    declared = {
        identity: node
        for node in (*item.items("parameters"), *operation.items("parameters"))
        for identity in _identities(node)
    }
    parameters = [compiler.parameter(place, name, node=node) for (place, name), node in declared.items()]
    return {
        place: Parameters(tuple(parameter for parameter in parameters if parameter.place is place))
        for place in _DEFAULT_STYLES
    }


def _identities(node: Node) -> Iterator[tuple[Place, str]]:
    place = next((place for place in _DEFAULT_STYLES if place.value == node.members.get("in")), None)
    if place is None:
        raise node.error("`in` must be path, query, header or cookie")
    name = node.text("name")
    if not name:
        raise node.error("a parameter needs a name")
    if place is not Place.HEADER:
        yield place, name
    elif name.lower() not in _NOT_PARAMETERS:
        yield place, name.lower()


def header_fields(headers: tuple[tuple[bytes, bytes], ...]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip(" \t"))
    return fields


def cookie_fields(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    """RFC 6265 section 4.2.1."""
    fields: dict[str, list[str]] = {}
    for line in headers.get("cookie", ()):
        for pair in line.split(";"):
            name, equals, value = pair.strip().partition("=")
            if equals:
                fields.setdefault(name, []).append(value)
    return fields
