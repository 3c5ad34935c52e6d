"""The request body of one operation: which media types it has, and how the bytes of each become a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.binding.call import UploadedFile
from contracts.binding.fields import plain, split_fields, unquote_form
from contracts.binding.forms import FormShape, form_shape, without_files
from contracts.binding.json_body import read_json
from contracts.binding.limits import Limits
from contracts.binding.media_types import MediaType, is_json, parse_media_type
from contracts.binding.multipart_body import split_parts
from contracts.binding.reference import Node
from contracts.binding.refusal import RefusalKind
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.validation import Schemas, Validator, violations_of
from contracts.binding.violation import Place, Violation

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_UTF_8 = frozenset({"", "utf-8", "utf8"})

# Raises Unreadable when no value can be had; reports to Findings what the value has wrong.
Read = Callable[[bytes, MediaType, Findings], object]


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Reads and validates a body of one media type."""

    declared: str
    read: Read
    validator: Validator | None

    @property
    def is_form(self) -> bool:
        return self.declared in {URLENCODED, MULTIPART}

    def value_of(self, raw: bytes, media_type: MediaType, findings: Findings) -> object:
        own = findings if findings.kind is None else Findings()
        value = self._read(raw, media_type, own)
        # A number or a depth that was refused must not reach the validator, whose work it would make unbounded.
        if self.validator and (own.kind is None or own.kind is RefusalKind.INVALID):
            seen = value if self.declared != MULTIPART else without_files(value)
            own.add_all(violations_of(self.validator, seen, place=Place.BODY))
        if own is not findings:
            findings.extend(own)
        return value

    def _read(self, raw: bytes, media_type: MediaType, findings: Findings) -> object:
        try:
            return self.read(raw, media_type, findings)
        except Unreadable as unreadable:
            findings.add(unreadable.at(Place.BODY, ""), unreadable.kind)
            return None


@dataclass(frozen=True, slots=True)
class BodyContract:
    """All that a document says of one request body; `readers` is empty where it says nothing."""

    required: bool
    lenient: bool
    readers: tuple[BodyReader, ...]
    by_header: Mapping[bytes, tuple[BodyReader, MediaType]]

    def read(self, raw: bytes, content_type: bytes | None, findings: Findings) -> object:
        if not self.readers:
            return None
        known = self.by_header.get(content_type or b"") or self._choose(raw, content_type)
        if not raw and not (known and known[0].is_form):
            return self._missing(findings)
        if known is None:
            self._refuse_type(content_type, findings)
            return None
        reader, media_type = known
        return reader.value_of(raw, media_type, findings)

    def _choose(self, raw: bytes, content_type: bytes | None) -> tuple[BodyReader, MediaType] | None:
        if content_type:
            media_type = parse_media_type(content_type.decode("latin-1"))
            reader = next((reader for reader in self.readers if media_type.matches(reader.declared)), None)
            return (reader, media_type) if reader else None
        if not (self.lenient and raw):
            return None
        looks_like_json = raw.lstrip()[:1] in {b"{", b"["}
        likely = (reader for reader in self.readers if is_json(reader.declared) is looks_like_json)
        reader = next(likely, self.readers[0])
        return reader, MediaType(reader.declared)

    def _missing(self, findings: Findings) -> None:
        if self.required and not self.lenient:
            findings.add(Violation(Place.BODY, "", "required", "a body is required and there is none"))

    def _refuse_type(self, content_type: bytes | None, findings: Findings) -> None:
        allowed = ", ".join(reader.declared for reader in self.readers)
        message = f"must be {allowed}" if content_type else f"is missing; the body must be {allowed}"
        violation = Violation(Place.HEADER, "content-type", "media-type", message)
        findings.add(violation, RefusalKind.UNSUPPORTED_MEDIA_TYPE)


_NO_BODY = BodyContract(required=False, lenient=False, readers=(), by_header={})


def body_contract(operation: Node, *, schemas: Schemas, limits: Limits) -> BodyContract:
    """Raises DocumentError for what the kit cannot keep."""
    body = operation.child("requestBody")
    if body is None:
        return _NO_BODY
    last_counts = operation.members.get("x-repeated") == "last"
    readers = tuple(
        _reader(parse_media_type(declared).name, media=media, schemas=schemas, limits=limits, last_counts=last_counts)
        for declared, media in body.children("content")
    )
    lenient = operation.members.get("x-lenient-body") is True
    return BodyContract(body.members.get("required") is True, lenient, readers, _by_header(readers))


def _by_header(readers: tuple[BodyReader, ...]) -> dict[bytes, tuple[BodyReader, MediaType]]:
    """What clients send nearly always, so that most requests need no parsing of their Content-Type."""
    known: dict[bytes, tuple[BodyReader, MediaType]] = {}
    for reader in readers:
        media_type = MediaType(reader.declared)
        if "*" not in reader.declared and reader.declared != MULTIPART:
            for suffix in ("", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"):
                known[f"{reader.declared}{suffix}".encode("latin-1")] = (reader, media_type)
    return known


def _reader(declared: str, *, media: Node, schemas: Schemas, limits: Limits, last_counts: bool) -> BodyReader:
    schema = media.place("schema")
    validator = schemas.at(schema) if schema else None
    if declared == URLENCODED:
        shape = form_shape(media, unquote=unquote_form, limits=limits, last_counts=last_counts)
        return BodyReader(declared, _urlencoded(shape, limits), validator)
    if declared == MULTIPART:
        shape = form_shape(media, unquote=plain, limits=limits, last_counts=last_counts)
        return BodyReader(declared, _multipart(shape, limits), validator)
    if is_json(declared):
        return BodyReader(declared, _json(limits), validator)
    if declared.startswith("text/"):
        return BodyReader(declared, _text, validator)
    return BodyReader(declared, _bytes, None)


def _json(limits: Limits) -> Read:
    def read(raw: bytes, media_type: MediaType, findings: Findings) -> object:
        _check_charset(media_type)
        return read_json(raw, limits, findings)

    return read


def _urlencoded(shape: FormShape, limits: Limits) -> Read:
    def read(raw: bytes, media_type: MediaType, findings: Findings) -> object:
        _check_charset(media_type)
        return shape.assemble(split_fields(raw, limits), findings)

    return read


def _multipart(shape: FormShape, limits: Limits) -> Read:
    def read(raw: bytes, media_type: MediaType, findings: Findings) -> object:
        texts: dict[str, list[str]] = {}
        files: dict[str, list[UploadedFile]] = {}
        for name, content in split_parts(raw, media_type.boundary, limits):
            if isinstance(content, UploadedFile):
                files.setdefault(name, []).append(content)
            else:
                texts.setdefault(name, []).append(content)
        values = shape.assemble(texts, findings)
        shape.add_files(files, values, findings)
        return values

    return read


def _text(raw: bytes, media_type: MediaType, _findings: Findings) -> object:
    _check_charset(media_type)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("charset", "must be UTF-8, and these bytes are not") from error


def _bytes(raw: bytes, _media_type: MediaType, _findings: Findings) -> object:
    return raw


def _check_charset(media_type: MediaType) -> None:
    if media_type.charset not in _UTF_8:
        raise Unreadable("charset", f"{media_type.name} is read as UTF-8 here, and the sender declares another charset")
