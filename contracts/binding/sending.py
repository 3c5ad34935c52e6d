"""Puts an answer on the wire."""

from contracts.binding.answer import Answer
from contracts.binding.asgi import Send

# RFC 9110 sections 15.3.5 and 15.4.5, and 6.4.1 for 1xx: these have no content and no Content-Length.
_EMPTY = frozenset({204, 304})
_FORBIDDEN = frozenset("\r\n\0")


async def send_answer(
    send: Send, answer: Answer, *, without_body: bool, extra: tuple[tuple[str, str], ...] = ()
) -> None:
    """`without_body` for HEAD. Raises ValueError for a header that would end before its end."""
    headers: list[tuple[bytes, bytes]] = []
    if answer.media_type is not None:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    if answer.status not in _EMPTY:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    for name, value in (*answer.headers, *extra):
        if not _FORBIDDEN.isdisjoint(value):
            raise ValueError(f"the header {name} holds a line break or a NUL character")
        headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if without_body or answer.status in _EMPTY else answer.body
    await send({"type": "http.response.body", "body": body})
