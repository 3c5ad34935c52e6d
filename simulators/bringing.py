"""Brings a spoilt answer to its peer: as HTTP where HTTP allows it, and then what it does not allow."""

from collections.abc import Awaitable, Callable, Iterator

from contracts.binding import Answer
from simulators.arrivals import Arrival
from simulators.faults.reply import BODYLESS, Drip, Reply

# Lets so many seconds pass between two drips.
Pause = Callable[[float], Awaitable[None]]


async def bring(arrival: Arrival, reply: Reply, *, pause: Pause) -> None:
    """Send the reply, and end the connection where what follows could not be told from its body."""
    has_body = not (arrival.has_no_content or reply.answer.status in BODYLESS)
    await arrival.send(_head(reply))
    body = reply.sent_body if has_body else b""
    lawful = body[: reply.declared_length]
    for number, part in enumerate(_parts(lawful, reply.drip)):
        if number and reply.drip:
            await pause(reply.drip.every_seconds)
            if arrival.peer_gone:
                return
        await arrival.send({"type": "http.response.body", "body": part, "more_body": True})
    if has_body and reply.breaks_off:
        await _break_off(arrival, reply, body[len(lawful) :])
    else:
        await arrival.send({"type": "http.response.body", "body": b""})


async def _break_off(arrival: Arrival, reply: Reply, surplus: bytes) -> None:
    """Leave the answer unfinished, so that the server waits for nothing more when the connection has ended."""
    arrival.call_it_answered()
    if surplus:
        arrival.wire.write(surplus)
    if reply.cut is not None and reply.cut.by_reset:
        arrival.reset()
    else:
        arrival.wire.close()
    await arrival.wire.lost()


def _head(reply: Reply) -> dict[str, object]:
    answer = reply.answer
    headers = [(b"content-type", (answer.media_type or "").encode("latin-1"))] if _has_type(answer) else []
    if answer.status not in BODYLESS:
        headers.append((b"content-length", b"%d" % reply.declared_length))
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _has_type(answer: Answer) -> bool:
    return answer.media_type is not None and answer.status not in BODYLESS


def _parts(body: bytes, drip: Drip | None) -> Iterator[bytes]:
    """Cut a body into its drips; without any it is one part."""
    size = drip.chunk if drip is not None else max(1, len(body))
    for start in range(0, len(body), size):
        yield body[start : start + size]
