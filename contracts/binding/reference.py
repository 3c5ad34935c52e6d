"""Moves about in a document by JSON pointer (RFC 6901), following `$ref` inside that document. Knows no OpenAPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from contracts.binding.errors import DocumentError

# A chain of references longer than any author writes: it is a circle.
_LONGEST_CHAIN = 32


def escape(key: str) -> str:
    """One reference token, as RFC 6901 section 3 has it."""
    return key.replace("~", "~0").replace("/", "~1")


def pointer_of(keys: list[str | int]) -> str:
    return "".join(f"/{escape(str(key))}" for key in keys)


def as_mapping(value: object) -> Mapping[str, object]:
    """`value` as a mapping, and an empty one for anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[object]:
    """`value` as a list, and an empty one for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a document: its pointer, and what lies there."""

    document: str
    root: Mapping[str, object]
    pointer: str
    value: object

    @property
    def members(self) -> Mapping[str, object]:
        return as_mapping(self.value)

    def child(self, key: str) -> "Node | None":
        """The member of that name with its references followed; None where there is none."""
        place = self.place(key)
        return place.followed() if place else None

    def place(self, key: str) -> "Node | None":
        """The member of that name as it stands: a schema's own keywords count beside its `$ref`."""
        if key not in self.members:
            return None
        return self._at(f"{self.pointer}/{escape(key)}", self.members[key])

    def children(self, key: str) -> Iterator[tuple[str, "Node"]]:
        """The named members of the member `key`, references followed."""
        for name, place in self.places(key):
            yield name, place.followed()

    def places(self, key: str) -> Iterator[tuple[str, "Node"]]:
        """The named members of the member `key` as they stand."""
        parent = self.child(key)
        if parent:
            for name, value in parent.members.items():
                yield name, self._at(f"{parent.pointer}/{escape(name)}", value)

    def listed(self, key: str) -> Iterator["Node"]:
        """The items of the list under `key` as they stand."""
        for index, item in enumerate(as_list(self.members.get(key))):
            yield self._at(f"{self.pointer}/{escape(key)}/{index}", item)

    def items(self, key: str) -> Iterator["Node"]:
        """The items of the list under `key`, references followed."""
        parent = self.child(key)
        for index, item in enumerate(as_list(parent.value) if parent else ()):
            place = parent.pointer if parent else ""
            yield self._at(f"{place}/{index}", item).followed()

    def text(self, key: str, default: str = "") -> str:
        value = self.members.get(key, default)
        return value if isinstance(value, str) else default

    def followed(self) -> "Node":
        node = self
        for _ in range(_LONGEST_CHAIN):
            target = node.members.get("$ref")
            if not isinstance(target, str):
                return node
            node = node._target(target)
        raise self.error(f"the references from here go in a circle: {node.pointer}")

    def error(self, message: str) -> DocumentError:
        return DocumentError(f"{self.document}#{self.pointer}: {message}")

    def _at(self, pointer: str, value: object) -> "Node":
        return Node(self.document, self.root, pointer, value)

    def _target(self, target: str) -> "Node":
        if not target.startswith("#/"):
            raise self.error(f"$ref {target!r} leaves the document; write what it names under components")
        value: object = self.root
        for token in target[2:].split("/"):
            key = token.replace("~1", "/").replace("~0", "~")
            members = as_mapping(value)
            if key not in members:
                raise self.error(f"$ref {target!r} names nothing: there is no {key!r}")
            value = members[key]
        return self._at(target[1:], value)
