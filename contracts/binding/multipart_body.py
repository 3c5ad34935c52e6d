"""Splits a multipart/form-data body (RFC 7578) into texts and files, with python-multipart's parser."""

import logging
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from contracts.binding.call import UploadedFile
from contracts.binding.limits import Limits
from contracts.binding.refusal import RefusalKind
from contracts.binding.unreadable import Unreadable

# What it warns of is refused here in words of our own; whoever sends enough of it would fill a log.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

_DEFAULT_TYPE = "text/plain"  # RFC 7578 section 4.4


@dataclass(slots=True)
class _Part:
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Collector:
    """What the parser calls back; a part is begun by the parser before anything is written to it."""

    limits: Limits
    parts: list[_Part] = field(default_factory=list[_Part])
    name: bytes = b""
    value: bytes = b""
    complete: bool = False

    def begin_part(self) -> None:
        if len(self.parts) >= self.limits.fields:
            message = f"at most {self.limits.fields} fields are read here"
            raise Unreadable("fields", message, kind=RefusalKind.TOO_LARGE)
        self.parts.append(_Part())

    def add_name(self, chunk: bytes, *span: int) -> None:
        self.name += chunk[slice(*span)]

    def add_value(self, chunk: bytes, *span: int) -> None:
        self.value += chunk[slice(*span)]

    def end_header(self) -> None:
        self.parts[-1].headers[self.name.decode("latin-1").lower()] = self.value.decode("latin-1")
        self.name, self.value = b"", b""

    def add_content(self, chunk: bytes, *span: int) -> None:
        self.parts[-1].content += chunk[slice(*span)]

    def end(self) -> None:
        self.complete = True


def split_parts(raw: bytes, boundary: str, limits: Limits) -> list[tuple[str, str | UploadedFile]]:
    """Name and content of each part, in order. Raises Unreadable."""
    collector = _Collector(limits)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": collector.begin_part,
                "on_header_field": collector.add_name,
                "on_header_value": collector.add_value,
                "on_header_end": collector.end_header,
                "on_part_data": collector.add_content,
                "on_end": collector.end,
            },
        )
        parser.write(raw)
    except FormParserError as error:
        raise Unreadable("malformed", f"is not multipart/form-data: {error}") from error
    if not collector.complete:
        raise Unreadable("malformed", "ends before the closing boundary")
    return [_named(part, limits) for part in collector.parts]


def _named(part: _Part, limits: Limits) -> tuple[str, str | UploadedFile]:
    disposition, options = parse_options_header(part.headers.get("content-disposition"))
    if disposition != b"form-data" or b"name" not in options:
        raise Unreadable("malformed", "a part has no Content-Disposition: form-data with a name (RFC 7578 section 4.2)")
    # parse_options_header hands out Latin-1 of what browsers send as UTF-8.
    name = _text(options[b"name"])
    media_type = part.headers.get("content-type", _DEFAULT_TYPE)
    if b"filename" in options:
        return name, UploadedFile(_text(options[b"filename"]), media_type, bytes(part.content))
    if len(part.content) > limits.field_bytes:
        message = f"a field has at most {limits.field_bytes} bytes here"
        raise Unreadable("field-length", message, kind=RefusalKind.TOO_LARGE)
    _, type_options = parse_options_header(media_type)
    if type_options.get(b"charset", b"utf-8").lower() not in {b"utf-8", b"utf8"}:
        raise Unreadable("charset", "the texts of a form are UTF-8 here, and a part says otherwise")
    return name, _text(bytes(part.content))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("charset", "the texts of a form are UTF-8 here, and these bytes are not") from error
