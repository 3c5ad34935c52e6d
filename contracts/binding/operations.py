"""What a document says of one operation, as far as those who choose and answer operations ask."""

from collections.abc import Mapping
from dataclasses import dataclass

# OpenAPI 3.1.1 section 4.8.9.1
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """One `operationId`; `path` is the template as the document has it, `extensions` its `x-` members."""

    operation_id: str
    method: str
    path: str
    tags: tuple[str, ...]
    extensions: Mapping[str, object]
