"""One request after the document was applied to it: what a handler is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.binding.asgi import Receive
from contracts.binding.operations import Operation


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a multipart form; `name` is the sender's file name, unchecked."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


# Values are whatever the document's schema says, so Any is honest here and narrowed by the generated TypedDicts.
@dataclass(frozen=True, slots=True)
class Call:
    """Declared parameters are decoded to their schema's type; header names are lower-case.

    `body` is a JSON value (numbers with a fraction or an exponent as Decimal), a dict of decoded fields for a form,
    text for text types, bytes for any other, and None where there is no body. `host` is the Host header.
    `extensions` and `receive` are the ASGI scope's own, so that a handler can reach its transport. Its repr shows
    nothing that a sender chose: secrets and people's details would follow it into logs.
    """

    operation: Operation
    path: Mapping[str, Any] = field(repr=False)
    query: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, Any] = field(repr=False)
    body: Any = field(repr=False)
    raw_body: bytes = field(repr=False)
    media_type: str | None
    raw_headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    raw_query: bytes = field(repr=False)
    raw_path: str = field(repr=False)
    client: tuple[str, int] | None
    scheme: str
    host: str = field(repr=False)
    extensions: Mapping[str, Any] = field(repr=False)
    receive: Receive = field(repr=False)
