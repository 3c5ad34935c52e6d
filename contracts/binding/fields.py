"""Reads named texts, of a query or of a form, by the styles that OpenAPI takes from RFC 6570."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from contracts.binding.json_body import read_json
from contracts.binding.limits import Limits
from contracts.binding.refusal import RefusalKind
from contracts.binding.shapes import Decode
from contracts.binding.unreadable import Findings, Unreadable

# Texts as they came, still percent-encoded: a delimiter that is part of a value is told from one that parts values.
Fields = Mapping[str, list[str]]
Unquote = Callable[[str], str]
Split = Callable[[str], list[str]]
# Reads what it wants of the fields; ABSENT where they do not hold it. Raises Unreadable.
FieldReader = Callable[[Fields], object]


class _Absent:
    pass


ABSENT: Final = _Absent()


def unquote_form(text: str) -> str:
    """Decode `+` and percent-encoding once (WHATWG URL, application/x-www-form-urlencoded parsing)."""
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_percent(text)


def unquote_percent(text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise Unreadable("charset", "is UTF-8 before it is percent-encoded, and these bytes are not") from error


def plain(text: str) -> str:
    """For texts that are not percent-encoded: headers, cookies, parts of a multipart form."""
    return text


def split_fields(raw: bytes, limits: Limits) -> dict[str, list[str]]:
    """Names decoded, values not. Raises Unreadable."""
    if raw.count(b"&") >= limits.fields:
        raise Unreadable("fields", f"at most {limits.fields} fields are read here", kind=RefusalKind.TOO_LARGE)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("charset", "must be UTF-8, and these bytes are not") from error
    fields: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if len(pair) > limits.field_bytes:
            message = f"a field has at most {limits.field_bytes} bytes here"
            raise Unreadable("field-length", message, kind=RefusalKind.TOO_LARGE)
        name, _, value = pair.partition("=")
        if pair:
            fields.setdefault(unquote_form(name), []).append(value)
    return fields


def one_text(texts: list[str], *, last_counts: bool) -> str:
    """The single text of a name. A second one is refused: which of two amounts counts is nobody's guess to make."""
    if len(texts) > 1 and not last_counts:
        raise Unreadable("repeated", "is given more than once and has one value", kind=RefusalKind.INVALID)
    return texts[-1]


def scalar_field(name: str, decode: Decode, unquote: Unquote, *, last_counts: bool) -> FieldReader:
    def read(fields: Fields) -> object:
        texts = fields.get(name)
        return ABSENT if texts is None else decode(unquote(one_text(texts, last_counts=last_counts)))

    return read


def exploded_field(name: str, decode: Decode, unquote: Unquote) -> FieldReader:
    """An array whose items repeat the name: `?id=1&id=2`."""

    def read(fields: Fields) -> object:
        texts = fields.get(name)
        return ABSENT if texts is None else [decode(unquote(text)) for text in texts]

    return read


def delimited_field(name: str, decode: Decode, unquote: Unquote, *, split: Split) -> FieldReader:
    """An array in one text: `?id=1,2`. Several texts are read on, as RFC 9110 section 5.3 joins header lines."""

    def read(fields: Fields) -> object:
        texts = fields.get(name)
        return ABSENT if texts is None else [decode(unquote(item)) for text in texts for item in split(text)]

    return read


def deep_field(name: str, decoders: Mapping[str, Decode], unquote: Unquote, *, last_counts: bool) -> FieldReader:
    """An object in the deepObject style: `?range[from]=1&range[to]=2`."""
    start = f"{name}["

    def read(fields: Fields) -> object:
        found: dict[str, object] = {}
        for field_name, texts in fields.items():
            if field_name.startswith(start) and field_name.endswith("]"):
                member = field_name[len(start) : -1]
                text = unquote(one_text(texts, last_counts=last_counts))
                found[member] = decoders.get(member, str)(text)
        return found or ABSENT

    return read


def json_field(name: str, unquote: Unquote, limits: Limits, *, last_counts: bool) -> FieldReader:
    """A value whose text is JSON, as `content: application/json` says."""

    def read(fields: Fields) -> object:
        texts = fields.get(name)
        if texts is None:
            return ABSENT
        findings = Findings()
        value = read_json(unquote(one_text(texts, last_counts=last_counts)).encode(), limits, findings)
        for violation in findings.violations:
            raise Unreadable(violation.rule, violation.message, kind=findings.kind or RefusalKind.INVALID)
        return value

    return read
