"""Reads the fields of a form, urlencoded or multipart, into a dict whose values have their property's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from contracts.binding.call import UploadedFile
from contracts.binding.fields import ABSENT, FieldReader, Fields, Unquote, json_field, scalar_field
from contracts.binding.limits import Limits
from contracts.binding.media_types import is_json
from contracts.binding.reference import Node, escape
from contracts.binding.shapes import shape_of
from contracts.binding.styles import Style
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.values import nul_violations
from contracts.binding.violation import Place, Violation


@dataclass(frozen=True, slots=True)
class FormShape:
    """The properties of a form's schema, each with the reader that its type and its encoding call for."""

    readers: Mapping[str, FieldReader]
    arrays: frozenset[str]
    deep: frozenset[str]
    unquote: Unquote
    last_counts: bool

    def assemble(self, fields: Fields, findings: Findings) -> dict[str, object]:
        """The form as one value. What cannot be read is reported and left out."""
        values: dict[str, object] = {}
        for name in dict.fromkeys((*fields, *self.deep)):
            reader = self.readers.get(name) or self._undeclared(name)
            try:
                value = ABSENT if self._is_inside(name) else reader(fields)
            except Unreadable as unreadable:
                findings.add(unreadable.at(Place.BODY, f"/{escape(name)}"), unreadable.kind)
                continue
            if value is not ABSENT:
                values[name] = value
        findings.add_all(nul_violations(values, place=Place.BODY))
        return values

    def add_files(self, files: Mapping[str, list[UploadedFile]], values: dict[str, object], findings: Findings) -> None:
        for name, given in files.items():
            if name in self.arrays:
                values[name] = given
            else:
                values[name] = given[-1]
                if len(given) > 1 and not self.last_counts:
                    message = "is given more than once and has one value"
                    findings.add(Violation(Place.BODY, f"/{escape(name)}", "repeated", message))

    def _undeclared(self, name: str) -> FieldReader:
        return scalar_field(name, str, self.unquote, last_counts=self.last_counts)

    def _is_inside(self, name: str) -> bool:
        """Whether a field is a member of a property in the deepObject style, and read with that property."""
        before, bracket, _ = name.partition("[")
        return bool(bracket) and before in self.deep


def form_shape(media: Node, *, unquote: Unquote, limits: Limits, last_counts: bool) -> FormShape:
    """Raises DocumentError for an encoding that the kit does not keep."""
    properties = shape_of(media.place("schema")).properties
    readers: dict[str, FieldReader] = {}
    deep: set[str] = set()
    for name, schema in properties.items():
        encoding = media.child("encoding")
        encoded = encoding.child(name) if encoding else None
        style_name = encoded.text("style", "form") if encoded else "form"
        explode = encoded.members.get("explode", True) is True if encoded else True
        if style_name == "deepObject":
            deep.add(name)
        elif _is_json_text(schema, encoded):
            readers[name] = json_field(name, unquote, limits, last_counts=last_counts)
            continue
        readers[name] = Style(style_name, explode, unquote, last_counts).reader(name, schema)
    arrays = frozenset(name for name, schema in properties.items() if shape_of(schema).is_array)
    return FormShape(readers, arrays, frozenset(deep), unquote, last_counts)


def _is_json_text(schema: Node, encoding: Node | None) -> bool:
    """OpenAPI 3.1.1 section 4.8.15.1.1: an object's text is JSON unless its encoding says otherwise."""
    declared = encoding.text("contentType") if encoding else ""
    return is_json(declared) if declared else shape_of(schema).is_object


def without_files(value: object) -> object:
    """The form as the validator can read it: a file stands as a text with one character for each byte."""
    match value:
        case UploadedFile():
            return value.content.decode("latin-1")
        case dict():
            return {name: without_files(field) for name, field in cast("dict[str, object]", value).items()}
        case list():
            return [without_files(item) for item in cast("list[object]", value)]
        case _:
            return value
