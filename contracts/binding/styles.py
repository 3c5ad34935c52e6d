"""Chooses, for one named value and its schema, the reader that its `style` and `explode` call for."""

from dataclasses import dataclass

from contracts.binding.fields import (
    FieldReader,
    Split,
    Unquote,
    deep_field,
    delimited_field,
    exploded_field,
    scalar_field,
)
from contracts.binding.reference import Node
from contracts.binding.shapes import decode_of, shape_of


def _split_commas(text: str) -> list[str]:
    return [item.strip(" \t") for item in text.split(",")]


def _split_any_commas(text: str) -> list[str]:
    """RFC 6570 wants a comma between items bare and one inside an item encoded; most clients encode both.

    Where items are no text none can hold a comma, so nothing is lost by reading what was meant.
    """
    return _split_commas(text.replace("%2C", ",").replace("%2c", ","))


def _split_spaces(text: str) -> list[str]:
    return text.replace("+", "%20").split("%20")


def _split_pipes(text: str) -> list[str]:
    return text.replace("%7C", "|").replace("%7c", "|").split("|")


_SPLITS: dict[str, Split] = {
    "form": _split_commas,
    "simple": _split_commas,
    "spaceDelimited": _split_spaces,
    "pipeDelimited": _split_pipes,
}


@dataclass(frozen=True, slots=True)
class Style:
    """OpenAPI 3.1.1 section 4.8.12.3, as far as the kit keeps it: no matrix, no label, no objects but deepObject."""

    name: str
    explode: bool
    unquote: Unquote
    last_counts: bool

    def reader(self, name: str, schema: Node) -> FieldReader:
        """Raises DocumentError for a style that the kit does not keep."""
        shape = shape_of(schema)
        if self.name == "deepObject":
            decoders = {key: decode_of(shape_of(member)) for key, member in shape.properties.items()}
            return deep_field(name, decoders, self.unquote, last_counts=self.last_counts)
        if self.name not in _SPLITS:
            raise schema.error(f"the kit does not read the style {self.name!r}")
        if shape.is_object:
            raise schema.error(f"the kit reads objects in the style deepObject, not {self.name!r}")
        if not shape.is_array:
            return scalar_field(name, decode_of(shape), self.unquote, last_counts=self.last_counts)
        item = shape_of(shape.items)
        decode = decode_of(item)
        if self.name == "form" and self.explode:
            return exploded_field(name, decode, self.unquote)
        split = _SPLITS[self.name]
        if split is _split_commas and item.kinds and "string" not in item.kinds:
            split = _split_any_commas
        return delimited_field(name, decode, self.unquote, split=split)
