"""Takes one request off the wire and holds it to its contract: a Call, or a Call and what is wrong with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from contracts.binding.asgi import Receive, Scope
from contracts.binding.call import Call
from contracts.binding.fields import Fields
from contracts.binding.operations import Operation
from contracts.binding.refusal import Refusal, RefusalKind
from contracts.binding.requests import RawHeaders, RequestContract
from contracts.binding.unreadable import Findings, Unreadable
from contracts.binding.violation import Place, Violation

_NOTHING: Mapping[str, Any] = {}


class Disconnected(Exception):
    """The sender went away before the request was whole."""


async def take(
    operation: Operation, contract: RequestContract, *, scope: Scope, receive: Receive, captured: Fields
) -> tuple[Call, Refusal | None]:
    """The request as far as it could be read, and why it may not reach its handler. Raises Disconnected."""
    raw_headers: RawHeaders = tuple(scope["headers"])
    headers = dict(raw_headers)
    raw_query: bytes = scope.get("query_string", b"")
    findings = Findings()
    path = contract.read_path(captured, findings) if contract.path else _NOTHING
    query = contract.read_query(raw_query, findings) if raw_query or contract.query else _NOTHING
    declared = contract.read_headers(raw_headers, findings) if contract.headers or contract.cookies else _NOTHING
    content_type = headers.get(b"content-type")
    raw_body, body = await _take_body(contract, headers, receive=receive, findings=findings)
    call = Call(
        operation=operation,
        path=path,
        query=query,
        headers=declared,
        body=body,
        raw_body=raw_body,
        media_type=content_type.decode("latin-1") if content_type else None,
        raw_headers=raw_headers,
        raw_query=raw_query,
        raw_path=raw_path_of(scope).decode("latin-1"),
        client=scope.get("client"),
        scheme=scope.get("scheme", "http"),
        host=headers.get(b"host", b"").decode("latin-1"),
        extensions=scope.get("extensions") or _NOTHING,
        receive=receive,
    )
    if findings.kind is None:
        return call, None
    return call, Refusal(findings.kind, tuple(findings.violations), (), call)


def raw_path_of(scope: Scope) -> bytes:
    """The path as it came, still percent-encoded; servers that do not give it (ASGI: optional) have it encoded anew."""
    raw_path = scope.get("raw_path")
    return raw_path if isinstance(raw_path, bytes) else quote(scope["path"]).encode()


async def _take_body(
    contract: RequestContract, headers: Mapping[bytes, bytes], *, receive: Receive, findings: Findings
) -> tuple[bytes, object]:
    try:
        raw = await _receive_body(receive, headers, _limit_of(contract, headers))
    except Unreadable as unreadable:
        findings.add(unreadable.at(Place.BODY, ""), unreadable.kind)
        return b"", None
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if raw and encoding != b"identity":
        message = "a body is read as it is here, without a content coding (RFC 9110 section 15.5.16)"
        violation = Violation(Place.HEADER, "content-encoding", "encoding", message)
        findings.add(violation, RefusalKind.UNSUPPORTED_MEDIA_TYPE)
        return raw, None
    return raw, contract.body.read(raw, headers.get(b"content-type"), findings)


def _limit_of(contract: RequestContract, headers: Mapping[bytes, bytes]) -> int:
    """Where JSON may be long, an operation that reads none gains nothing by it, and neither does a form."""
    limits, content_type = contract.limits, headers.get(b"content-type", b"")
    is_json = bool(contract.body.readers) and b"json" in content_type.lower()
    return limits.body_bytes if is_json else min(limits.body_bytes, limits.other_bytes)


async def _receive_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """Refuses by Content-Length before it reads, and by what came while it reads."""
    declared = headers.get(b"content-length")
    if declared is not None and _length(declared) > limit:
        raise _too_large(limit)
    message = await receive()
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] != "http.request":
            raise Disconnected
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)
        message = await receive()


def _length(declared: bytes) -> int:
    """RFC 9110 section 8.6: digits alone. More than twenty are past any limit, and past any int() worth making."""
    if not declared.isdigit():
        raise Unreadable("content-length", "Content-Length must be a number of bytes")
    return int(declared[:20])


def _too_large(limit: int) -> Unreadable:
    return Unreadable("content-length", f"a body has at most {limit} bytes here", kind=RefusalKind.TOO_LARGE)
