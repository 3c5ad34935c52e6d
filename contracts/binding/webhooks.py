"""Messages that the document's owner sends (`webhooks:`), held to the document like requests."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.binding.limits import Limits
from contracts.binding.operations import METHODS
from contracts.binding.reference import Node
from contracts.binding.requests import RequestContract
from contracts.binding.unreadable import Findings
from contracts.binding.validation import Schemas
from contracts.binding.violation import Violation


@dataclass(frozen=True, slots=True)
class WebhookContract:
    """One entry of `webhooks:`; `method` is what the document says it is sent with."""

    name: str
    method: str
    request: RequestContract

    @classmethod
    def of(cls, name: str, item: Node, schemas: Schemas) -> "WebhookContract":
        """Raises DocumentError where the entry has not exactly one method."""
        methods = [method for method in METHODS if method in item.members]
        operation = item.child(methods[0]) if len(methods) == 1 else None
        if operation is None:
            raise item.error("a webhook has exactly one method")
        return cls(name, methods[0].upper(), RequestContract.of(item, operation, schemas=schemas, limits=Limits()))

    def violations(self, headers: Mapping[str, str], content_type: str | None, body: bytes) -> tuple[Violation, ...]:
        """Everything that a message breaks: `headers` as they are sent, `body` as its exact bytes."""
        findings = Findings()
        raw = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
        self.request.read_headers(raw, findings)
        self.request.body.read(body, content_type.encode("latin-1") if content_type else None, findings)
        return tuple(findings.violations)
