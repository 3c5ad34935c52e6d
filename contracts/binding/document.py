"""An OpenAPI 3.1 document as a value: operations, schemas, webhooks. Joining it to handlers is `bind.py`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from contracts.binding.errors import DocumentError
from contracts.binding.loader import read_yaml
from contracts.binding.operations import METHODS, Operation
from contracts.binding.reference import Node, as_list, escape
from contracts.binding.validation import Schemas, violations_of
from contracts.binding.violation import Place, Violation
from contracts.binding.webhooks import WebhookContract


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A loaded document. Its schemas are compiled once, at their first use or by `bind`."""

    root: Mapping[str, object] = field(repr=False)
    name: str
    operations: tuple[Operation, ...]
    schemas: Schemas = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Raises DocumentError naming file and place. A file that has not changed is not read again."""
        try:
            changed_ns = path.stat().st_mtime_ns
        except OSError:
            changed_ns = 0
        return _load(path, changed_ns)

    @classmethod
    def from_mapping(cls, root: Mapping[str, object], *, name: str) -> "Document":
        """Raises DocumentError naming the document and the JSON pointer of what is wrong."""
        top = Node(name, root, "", root)
        version = root.get("openapi")
        if not (isinstance(version, str) and version.startswith("3.1")):
            raise DocumentError(f"{name}#/openapi: must be 3.1.x, and is {version!r}")
        operations = tuple(_operations(top))
        _refuse_duplicates(top, operations)
        return cls(root, name, operations, Schemas.of(name, root))

    @property
    def top(self) -> Node:
        return Node(self.name, self.root, "", self.root)

    def only(self, keep: Callable[[Operation], bool]) -> "Document":
        """The same document with the operations that `keep` wants."""
        return replace(self, operations=tuple(operation for operation in self.operations if keep(operation)))

    def violations_of(self, component: str, value: object) -> tuple[Violation, ...]:
        """What `value` breaks of `#/components/schemas/<component>`. Raises DocumentError for an unknown component."""
        reference = {"$ref": f"#/components/schemas/{escape(component)}"}
        schema = Node(self.name, self.root, "", reference).followed()
        return violations_of(self.schemas.at(schema), value, place=Place.BODY)

    def webhook(self, name: str) -> WebhookContract:
        """Raises DocumentError where `webhooks:` names no such webhook with one method."""
        for key, item in self.top.children("webhooks"):
            if key == name:
                return WebhookContract.of(name, item, self.schemas)
        raise DocumentError(f"{self.name}#/webhooks: there is no {name!r}")


@lru_cache(maxsize=32)
def _load(path: Path, _changed_ns: int) -> Document:
    return Document.from_mapping(read_yaml(path), name=str(path))


def _operations(top: Node) -> Iterator[Operation]:
    for path, item in top.children("paths"):
        for method in METHODS:
            node = item.child(method)
            if node:
                yield _operation(path, method, node=node)


def _operation(path: str, method: str, *, node: Node) -> Operation:
    operation_id = node.text("operationId")
    if not operation_id:
        raise node.error("has no operationId, so no handler can be joined to it")
    tags = tuple(tag for tag in as_list(node.members.get("tags")) if isinstance(tag, str))
    extensions = {key: value for key, value in node.members.items() if key.startswith("x-")}
    return Operation(operation_id, method.upper(), path, tags, extensions)


def _refuse_duplicates(top: Node, operations: tuple[Operation, ...]) -> None:
    seen: dict[str, Operation] = {}
    for operation in operations:
        other = seen.setdefault(operation.operation_id, operation)
        if other is not operation:
            raise top.error(
                f"operationId {operation.operation_id!r} is given to {other.method} {other.path} "
                f"and to {operation.method} {operation.path}"
            )
