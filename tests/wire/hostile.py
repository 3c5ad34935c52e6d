"""Requests that nobody sends by mistake, as the bytes of their wire."""

import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=end"
MEGABYTE = b"x" * 1_000_000
ANSWER_SECONDS_MAX = 10
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Spot:
    """An operation of a listener, and a body type that it reads."""

    listener: str
    method: str
    path: str
    media_type: str
    headers: Mapping[str, str] = field(default_factory=lambda: NONE)
    # Whether a body may hold whatever it likes, as what a browser brings along.
    is_lenient: bool = False


@dataclass(frozen=True, slots=True)
class Attack:
    """One request; `pieces` are sent one after the other until somebody answers."""

    name: str
    head: bytes
    pieces: tuple[bytes, ...] = ()


def send(attack: Attack, *, host: str, port: int) -> bytes:
    """Send until somebody answers, then return what comes at once; empty where the connection just ends."""
    with socket.create_connection((host, port), timeout=ANSWER_SECONDS_MAX) as connection:
        # The peer may refuse, and close, in the middle of what we send.
        with suppress(ConnectionError):
            _pour(attack, connection)
        try:
            return connection.recv(65_536)
        except ConnectionError:
            return b""


def _pour(attack: Attack, connection: socket.socket) -> None:
    connection.sendall(attack.head)
    for piece in attack.pieces:
        if select.select([connection], [], [], 0)[0]:
            return
        connection.sendall(piece)


def attacks_on(spot: Spot) -> Iterator[Attack]:
    """Return every attack that can be tried at a spot."""
    yield from _floods(spot)
    yield from _broken_framing(spot)
    yield from _heads(spot)
    yield from _foreign_texts(spot)
    if spot.media_type == JSON:
        yield from _json_bodies(spot)
    else:
        yield from _form_bodies(spot)


def _floods(spot: Spot) -> Iterator[Attack]:
    yield Attack("20 MB, declared", _head(spot, {"Content-Length": "20000000"}), (MEGABYTE,) * 20)
    chunk = b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE)
    yield Attack("20 MB, chunked", _head(spot, {"Transfer-Encoding": "chunked"}), (chunk,) * 20)
    extended = b"1;%s\r\nx\r\n" % (b"e" * 10_000)
    small = (*[extended * 100] * 20, b"0\r\n\r\n")
    yield Attack("chunks of one byte", _head(spot, {"Transfer-Encoding": "chunked"}), small)
    trailers = (b"0\r\n", *[(b"x-trailer: %s\r\n" % (b"t" * 1_000)) * 100] * 100)
    yield Attack("trailers without end", _head(spot, {"Transfer-Encoding": "chunked"}), trailers)


def _broken_framing(spot: Spot) -> Iterator[Attack]:
    yield Attack("two lengths", _head(spot, {"Content-Length": "2\r\nContent-Length: 3"}), (b"abc",))
    yield Attack("a length that is no number", _head(spot, {"Content-Length": "many"}), (b"abc",))
    yield Attack("a length past all numbers", _head(spot, {"Content-Length": "9" * 5_000}))
    both = {"Content-Length": "3", "Transfer-Encoding": "chunked"}
    yield Attack("a length and chunks", _head(spot, both), (b"3\r\nabc\r\n0\r\n\r\n",))
    yield Attack("a chunk that is no number", _head(spot, {"Transfer-Encoding": "chunked"}), (b"zz\r\nabc\r\n",))
    yield Attack("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200)


def _heads(spot: Spot) -> Iterator[Attack]:
    fields = b"&".join(b"f%d=1" % number for number in range(10_000))
    queried = replace(spot, path=f"{spot.path}?{fields.decode()}")
    yield _whole(queried, "10,000 query fields", b"")
    yield Attack("a header of 20 MB", _head(spot)[:-2] + b"X-Long: ", (MEGABYTE,) * 20)
    many = tuple(b"".join(b"X-%d-%d: y\r\n" % (one, two) for two in range(1_000)) for one in range(100))
    yield Attack("100,000 headers", _head(spot)[:-2], many)
    yield Attack("a path of 20 MB", f"{spot.method} {spot.path}".encode(), (MEGABYTE,) * 20)
    yield Attack("NUL in the path", _head(spot).replace(b" HTTP/1.1", b"\x00 HTTP/1.1", 1))
    yield _whole(replace(spot, media_type="application/xml"), "text of another content type", b"<a/>")
    coded = {"Content-Encoding": "gzip"}
    yield _whole(spot, "packed zeros", b"\x1f\x8b\x08" + b"\x00" * 500, headers=coded)


def _foreign_texts(spot: Spot) -> Iterator[Attack]:
    text = '{"name": "রহিমা"}' if spot.media_type == JSON else "cus_name=রহিমা"
    foreign = f"{spot.media_type.split(';')[0]}; charset=utf-16"
    if spot.media_type != MULTIPART:
        yield _whole(replace(spot, media_type=foreign), "UTF-16, declared", text.encode("utf-16"))
        latin = '{"name": "Zoë"}' if spot.media_type == JSON else "cus_name=Zoë"
        yield _whole(spot, "Latin-1, undeclared", latin.encode("latin-1"))


def _json_bodies(spot: Spot) -> Iterator[Attack]:
    yield _whole(spot, "100,000 lists in each other", b"[" * 100_000 + b"]" * 100_000)
    yield _whole(spot, "100,000 objects in each other", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    members = b",".join(b'"f%d":1' % number for number in range(10_000))
    yield _whole(spot, "10,000 members", b"{%s}" % members)
    yield _whole(spot, "NUL in a name", b'{"na\\u0000me": "\\u0000"}')
    yield _whole(spot, "NUL bare", b'{"name": "\x00"}')
    yield _whole(spot, "half a surrogate", b'{"name": "\\ud800"}')
    yield _whole(spot, "a number of 500,000 digits", b'{"amount": %s}' % (b"9" * 500_000))
    yield _whole(spot, "a number past all floats", b'{"amount": 1e999999999}')
    yield _whole(spot, "no number", b'{"amount": NaN}')


def _form_bodies(spot: Spot) -> Iterator[Attack]:
    if spot.media_type == MULTIPART:
        part = b'--end\r\nContent-Disposition: form-data; name="tran_id"\r\n\r\nx'
        yield _whole(spot, "multipart without end", part)
        yield _whole(spot, "multipart of 10,000 parts", (part + b"\r\n") * 10_000 + b"--end--\r\n")
        yield _whole(replace(spot, media_type="multipart/form-data"), "multipart without boundary", part)
        yield _whole(spot, "a part's head without end", b"--end\r\nContent-Disposition: " + b"x" * 900_000)
        return
    yield _whole(spot, "10,000 fields", b"&".join(b"f%d=1" % number for number in range(10_000)))
    yield _whole(spot, "10,000 times one field", b"&".join([b"tran_id=1"] * 10_000))
    yield _whole(spot, "NUL in a field", b"tran_id=a%00b&status=VALID")
    yield _whole(spot, "NUL bare", b"tran_id=a\x00b&status=VALID")
    yield _whole(spot, "a field of a megabyte", b"tran_id=" + MEGABYTE)
    yield _whole(spot, "no text in percent signs", b"tran_id=%ff%fe%zz%")


def _whole(spot: Spot, name: str, body: bytes, *, headers: Mapping[str, str] = NONE) -> Attack:
    return Attack(name, _head(spot, {"Content-Length": str(len(body)), **headers}), (body,))


def _head(spot: Spot, headers: Mapping[str, str] = NONE) -> bytes:
    told = {"Host": "127.0.0.1", "Content-Type": spot.media_type, **spot.headers, **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{spot.method} {spot.path} HTTP/1.1\r\n{lines}\r\n".encode()
