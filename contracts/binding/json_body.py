"""Reads JSON: strictly, in bounded time and depth, with decimals as Decimal. Knows no schema."""

import json
import re
from collections import Counter
from typing import cast

import msgspec
import orjson

from contracts.binding.limits import Limits
from contracts.binding.numerals import DIGITS, json_decoder
from contracts.binding.reference import escape
from contracts.binding.refusal import RefusalKind
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.values import every_value, is_deeper, levels, nul_violations
from contracts.binding.violation import Place, Violation

# One without an end is a text to the end of all: tried again from each later quotation mark, it would take the square.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
# The shortest member of an object, `"":0,`.
_MEMBER_BYTES = 5


def read_json(raw: bytes, limits: Limits, findings: Findings) -> object:
    """The value of `raw`. Each rule is first asked of the bytes, in C, and the value is walked only if they say maybe.

    Adds to `findings` what can be pointed at (nul, duplicate, number, fields); raises Unreadable otherwise.
    """
    _check_values(raw, limits)
    try:
        value = json_decoder.decode(raw)
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        raise _unreadable(raw, error) from error
    if raw.count(b"[") + raw.count(b"{") > limits.depth and is_deeper(value, limits.depth):
        raise Unreadable("depth", f"arrays and objects are nested more than {limits.depth} deep")
    encoded = _encoded_again(value)
    if b"\\" in raw or encoded is None or raw.count(b'"') != encoded.count(b'"'):
        _check_duplicates(raw, findings)
        if b"\\u0000" in raw:
            findings.add_all(nul_violations(value, place=Place.BODY))
        if encoded is None:
            _check_digits(value, findings)
    if len(raw) > limits.fields * _MEMBER_BYTES:
        _check_fields(value, limits, findings)
    return value


def _check_values(raw: bytes, limits: Limits) -> None:
    """Asked of the bytes alone, in time that grows as they do: decoding them is what costs."""
    if raw.count(b",") < limits.values:
        return
    # A value has two texts at most, its name and itself. Whatever else ends in \", this counts too few.
    has_many_texts = raw.count(b'"') - raw.count(b'\\"') > 4 * limits.values
    # A comma stands between each two; those within texts are none of these.
    if has_many_texts or _TEXT.sub(b"", raw).count(b",") >= limits.values:
        raise Unreadable("values", f"a body has at most {limits.values} values here", kind=RefusalKind.TOO_LARGE)


def _unreadable(raw: bytes, error: Exception) -> Unreadable:
    if isinstance(error, RecursionError):
        return Unreadable("depth", "arrays and objects are nested too deeply")
    if isinstance(error, msgspec.ValidationError):
        return Unreadable("number", f"a number is out of bounds: {error}")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return Unreadable("charset", "JSON is UTF-8 (RFC 8259 section 8.1), and these bytes are not")
    return Unreadable("malformed", f"is not JSON: {error}")


def _encoded_again(value: object) -> bytes | None:
    """For the question whether a name stood twice in an object, of which the decoder keeps the last.

    Without backslashes each string is worth two quotation marks, before decoding and after encoding it again, so
    equal counts prove that none was lost. This costs half a microsecond; a parser that sees the pairs costs ten.
    None where an integer is past 64 bits.
    """
    try:
        return orjson.dumps(value, _number_in_place)
    except orjson.JSONEncodeError:
        return None


def _number_in_place(_decimal: object) -> int:
    return 0


class _Doubled(dict[str, object]):
    """An object in which `names` stood more than once."""

    names: tuple[str, ...] = ()


def _join_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    doubled = _Doubled(members)
    times = Counter(name for name, _ in pairs)
    doubled.names = tuple(name for name in members if times[name] > 1)
    return doubled


def _check_duplicates(raw: bytes, findings: Findings) -> None:
    found: list[_Doubled] = []

    def join(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = _join_pairs(pairs)
        if isinstance(members, _Doubled):
            found.append(members)
        return members

    value = json.loads(raw, object_pairs_hook=join, parse_int=str, parse_float=str)
    for pointer, doubled in every_value(value) if found else ():
        for name in doubled.names if isinstance(doubled, _Doubled) else ():
            message = "stands more than once in its object; RFC 8259 section 4 wants names to be unique"
            violation = Violation(Place.BODY, f"{pointer}/{escape(name)}", "duplicate", message)
            findings.add(violation, RefusalKind.MALFORMED)


def _check_fields(value: object, limits: Limits, findings: Findings) -> None:
    objects = (
        cast("dict[str, object]", found) for level in levels(value) for found in level if isinstance(found, dict)
    )
    if all(len(members) <= limits.fields for members in objects):
        return
    for pointer, found in every_value(value):
        if isinstance(found, dict) and len(cast("dict[str, object]", found)) > limits.fields:
            message = f"an object has at most {limits.fields} members here"
            findings.add(Violation(Place.BODY, pointer, "fields", message), RefusalKind.TOO_LARGE)


def _check_digits(value: object, findings: Findings) -> None:
    largest = 10**DIGITS
    for pointer, found in every_value(value):
        if isinstance(found, int) and abs(found) >= largest:
            message = f"a number has at most {DIGITS} digits here"
            findings.add(Violation(Place.BODY, pointer, "number", message), RefusalKind.MALFORMED)
