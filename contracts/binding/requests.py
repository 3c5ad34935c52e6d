"""What a document asks of one request: parameters and body together. Webhooks are held to the same."""

from dataclasses import dataclass

from contracts.binding.bodies import BodyContract, body_contract
from contracts.binding.fields import Fields, split_fields
from contracts.binding.limits import Limits
from contracts.binding.parameters import Parameters, cookie_fields, header_fields, parameters_of
from contracts.binding.reference import Node
from contracts.binding.refusal import RefusalKind
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.validation import Schemas
from contracts.binding.violation import Place, Violation

RawHeaders = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class RequestContract:
    """The compiled request side of one operation."""

    path: Parameters
    query: Parameters
    headers: Parameters
    cookies: Parameters
    body: BodyContract
    strict_query: bool
    limits: Limits

    @classmethod
    def of(cls, item: Node, operation: Node, *, schemas: Schemas, limits: Limits) -> "RequestContract":
        """Raises DocumentError for what the kit cannot keep."""
        parameters = parameters_of(item, operation, schemas=schemas, limits=limits)
        return cls(
            path=parameters[Place.PATH],
            query=parameters[Place.QUERY],
            headers=parameters[Place.HEADER],
            cookies=parameters[Place.COOKIE],
            body=body_contract(operation, schemas=schemas, limits=limits),
            strict_query=operation.members.get("x-strict-query") is True,
            limits=limits,
        )

    def read_path(self, captured: Fields, findings: Findings) -> dict[str, object]:
        return self.path.read(captured, findings)

    def read_query(self, raw: bytes, findings: Findings) -> dict[str, object]:
        if len(raw) > self.limits.query_bytes:
            message = f"a query has at most {self.limits.query_bytes} bytes here"
            findings.add(Violation(Place.QUERY, "", "query-length", message), RefusalKind.TOO_LARGE)
            return {}
        try:
            fields = split_fields(raw, self.limits) if raw else {}
        except Unreadable as unreadable:
            findings.add(unreadable.at(Place.QUERY, ""), unreadable.kind)
            return {}
        if self.strict_query:
            self._refuse_undeclared(fields, findings)
        return self.query.read(fields, findings)

    def _refuse_undeclared(self, fields: Fields, findings: Findings) -> None:
        known = {parameter.name for parameter in self.query.declared}
        for name in fields:
            if name not in known and name.partition("[")[0] not in known:
                findings.add(Violation(Place.QUERY, name, "undeclared", "there is no query parameter of this name"))

    def read_headers(self, raw: RawHeaders, findings: Findings) -> dict[str, object]:
        fields = header_fields(raw)
        values = self.headers.read(fields, findings)
        if self.cookies:
            # A cookie is validated for its contract; handlers find it in the raw headers.
            self.cookies.read(cookie_fields(fields), findings)
        return values
