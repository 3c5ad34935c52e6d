"""The messages of `contracts/realtime.yaml` (AsyncAPI): what may come over a socket, and what may go out."""

from pathlib import Path
from typing import cast

import yaml

from contracts.binding import Document, Violation
from reference_server.errors import OurError


class Messages:
    """One schema for each message of the document, by the message's name; judged by the binding kit."""

    def __init__(self, path: Path) -> None:
        told = cast("dict[str, dict[str, object]]", yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
        # The kit reads schemas of an OpenAPI document; those of AsyncAPI 3 are the same JSON Schemas in the same place.
        schemas = {"schemas": told["components"]["schemas"]}
        root = {"openapi": "3.1.0", "info": told["info"], "paths": {}, "components": schemas}
        self._document = Document.from_mapping(root, name=path.name)
        messages = cast("dict[str, dict[str, dict[str, str]]]", told["components"]["messages"])
        self._schemas = {name: message["payload"]["$ref"].rpartition("/")[2] for name, message in messages.items()}

    def violations_of(self, name: str, body: object) -> tuple[Violation, ...]:
        """Return what the document has against this body of the message of that name."""
        return self._document.violations_of(self._schemas[name], body)

    def require(self, name: str, body: object) -> None:
        """Check what goes out. Raises `OurError` naming the message and every rule that it breaks."""
        violations = self.violations_of(name, body)
        if violations:
            broken = "; ".join(f"{it.pointer}: {it.message}" for it in violations)
            raise OurError(f"contracts/realtime.yaml does not allow this {name}: {broken}")
