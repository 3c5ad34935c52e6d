"""Requests that arrive at one instant: connections are opened first, each holds its last byte, all let go on one tick.

Catalogue, introduction to group E.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from scenarios.calls import Calls


class Held:
    """One POST whose last byte has not left yet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._last = last

    @classmethod
    async def post(cls, calls: Calls, url: str, *, body: bytes, headers: Mapping[str, str]) -> "Held":
        """Connect and send all but the last byte. Raises `OSError`."""
        where, named = calls.locate(url)
        parts = urlsplit(where)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = {**named, **headers, "Content-Length": str(len(body)), "Connection": "close"}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        whole = f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body
        writer.write(whole[:-1])
        await writer.drain()
        return cls(reader, writer, whole[-1:])

    async def release(self) -> int | None:
        """Send the last byte and return the status of the answer, if one comes."""
        try:
            self._writer.write(self._last)
            words = (await self._reader.read()).split(maxsplit=2)
        except OSError:
            return None
        finally:
            self._writer.close()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else None

    async def hang_up(self) -> None:
        """Send the last byte and go, so that nobody hears the answer."""
        self._writer.write(self._last)
        await self._writer.drain()
        self._writer.close()
