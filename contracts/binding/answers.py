"""What a document allows an operation to answer. Used in tests and on demand: it costs a second validation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.binding.answer import Answer
from contracts.binding.errors import AnswerError
from contracts.binding.fields import ABSENT, FieldReader, plain
from contracts.binding.json_body import read_json
from contracts.binding.limits import Limits
from contracts.binding.media_types import MediaType, parse_media_type
from contracts.binding.operations import Operation
from contracts.binding.reference import Node
from contracts.binding.styles import Style
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.validation import Schemas, Validator, violations_of
from contracts.binding.violation import Place, Violation

# Our own answers may be as large as they like; only their shape is in question.
_UNBOUNDED = Limits(body_bytes=2**40, fields=2**40, values=2**40, depth=2**40, field_bytes=2**40, query_bytes=2**40)


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    required: bool
    read: FieldReader
    validator: Validator


@dataclass(frozen=True, slots=True)
class _Response:
    content: Mapping[str, Validator | None]
    headers: tuple[_Header, ...]


@dataclass(frozen=True, slots=True)
class AnswerContract:
    """The answers of one operation, by `200`, `4XX` or `default`."""

    operation: Operation
    responses: Mapping[str, _Response]

    @classmethod
    def of(cls, operation: Operation, node: Node, schemas: Schemas) -> "AnswerContract":
        responses = {status.upper(): _response(response, schemas) for status, response in node.children("responses")}
        return cls(operation, responses)

    def check(self, answer: Answer, *, without_body: bool) -> None:
        """Raises AnswerError."""
        violations = tuple(self._violations(answer, without_body=without_body))
        if violations:
            raise AnswerError(self.operation.operation_id, answer.status, violations)

    def _violations(self, answer: Answer, *, without_body: bool) -> Iterator[Violation]:
        names = (str(answer.status), f"{answer.status // 100}XX", "DEFAULT")
        response = next((self.responses[name] for name in names if name in self.responses), None)
        if response is None:
            declared = ", ".join(self.responses)
            yield Violation(Place.ANSWER, "", "status", f"the status must be one of {declared}")
            return
        yield from _header_violations(response, answer)
        if not without_body:
            yield from _content_violations(response, answer)


def _response(node: Node, schemas: Schemas) -> _Response:
    content: dict[str, Validator | None] = {}
    for declared, media in node.children("content"):
        schema = media.place("schema")
        content[parse_media_type(declared).name] = schemas.at(schema) if schema else None
    headers = tuple(
        _header(name, header, schemas) for name, header in node.children("headers") if name.lower() != "content-type"
    )
    return _Response(content, headers)


def _header(name: str, node: Node, schemas: Schemas) -> _Header:
    schema = node.place("schema")
    if schema is None:
        raise node.error("a header needs a schema")
    reader = Style("simple", explode=False, unquote=plain, last_counts=False).reader(name.lower(), schema)
    return _Header(name.lower(), node.members.get("required") is True, reader, schemas.at(schema))


def _header_violations(response: _Response, answer: Answer) -> Iterator[Violation]:
    fields: dict[str, list[str]] = {}
    for name, value in answer.headers:
        fields.setdefault(name.lower(), []).append(value)
    for header in response.headers:
        try:
            value = header.read(fields)
        except Unreadable as unreadable:
            yield unreadable.at(Place.ANSWER, header.name)
            continue
        if value is not ABSENT:
            yield from violations_of(header.validator, value, place=Place.ANSWER, prefix=header.name)
        elif header.required:
            yield Violation(Place.ANSWER, header.name, "required", f"the header {header.name} is required and missing")


def _content_violations(response: _Response, answer: Answer) -> Iterator[Violation]:
    if answer.media_type is None:
        if answer.body or response.content:
            yield Violation(Place.ANSWER, "content-type", "media-type", _expected(response))
        return
    media_type = parse_media_type(answer.media_type)
    declared = next((name for name in response.content if media_type.matches(name)), None)
    if declared is None:
        yield Violation(Place.ANSWER, "content-type", "media-type", _expected(response))
        return
    validator = response.content[declared]
    if validator:
        yield from _body_violations(validator, media_type, answer.body)


def _expected(response: _Response) -> str:
    allowed = ", ".join(response.content)
    return f"the media type must be {allowed}" if allowed else "there must be no body and no media type"


def _body_violations(validator: Validator, media_type: MediaType, body: bytes) -> Iterator[Violation]:
    findings = Findings()
    try:
        value = read_json(body, _UNBOUNDED, findings) if media_type.is_json else body.decode()
    except Unreadable as unreadable:
        yield unreadable.at(Place.ANSWER, "")
        return
    except UnicodeDecodeError:
        # A schema of bytes says at most how long they are; text is the only content that it can say more of.
        return
    for violation in findings.violations:
        yield Violation(Place.ANSWER, violation.pointer, violation.rule, violation.message)
    yield from violations_of(validator, value, place=Place.ANSWER)
