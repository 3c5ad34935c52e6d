"""The TLS listener and the forward proxy of a serving side, on real sockets and spoken to byte by byte."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulators.app import create_app
from simulators.errors import SettingsError
from simulators.reach.proxy import HEAD_BYTES_MAX, Proxy, proxying
from simulators.serving import bind, listening
from simulators.settings import Settings, certificates_folder, read_settings
from simulators.sockets import PeerConnection

HOST = "sandbox.sslcommerz.com"
QUERY = "val_id=x&store_id=testbox&store_passwd=qwerty"
CALL = f"GET /validator/api/validationserverAPI.php?{QUERY} HTTP/1.1\r\nHost: {{}}\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the two listen, and the authority to trust."""

    tls: int
    proxy: int
    authority: Path

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))


@asynccontextmanager
async def serving(folder: Path) -> AsyncGenerator[Place]:
    settings = Settings(control=False, sslcommerz_port=0, merchant_port=0, tls_port=0, proxy_port=0, certs_dir=folder)
    async with listening(create_app(settings), bind(settings)) as addresses:
        assert sorted(addresses) == ["merchant", "proxy", "sslcommerz", "tls"]
        tls, proxy = (int(addresses[name].rpartition(":")[2]) for name in ("tls", "proxy"))
        yield Place(tls, proxy, folder / "ca.pem")


async def say(port: int, said: bytes, **more: object) -> bytes:
    """Send bytes and return the first that come back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **more)  # pyright: ignore[reportArgumentType]  # as open_connection takes them
    writer.write(said)
    answer = await reader.read(4_096)
    writer.close()
    return answer


@pytest.mark.parametrize("host", [HOST, "SECUREPAY.sslcommerz.com", f"{HOST}:443"])
async def test_a_gateway_answers_under_its_own_host_names(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path) as place:
        told = await say(place.tls, CALL.format(host).encode(), ssl=place.trusting(), server_hostname=HOST)

    assert told.startswith(b"HTTP/1.1 200 OK")
    assert b"INVALID_TRANSACTION" in told


@pytest.mark.parametrize("host", ["127.0.0.1", "example.com", ""])
async def test_another_host_is_told_who_is_played(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path) as place:
        told = await say(place.tls, CALL.format(host).encode(), ssl=place.trusting(), server_hostname="localhost")

    assert told.startswith(b"HTTP/1.1 421 ")
    assert HOST.encode() in told


async def test_tls_older_than_1_2_is_refused(tmp_path: Path) -> None:
    # The vendor asks for TLS 1.2 at least (fact sheet section 1, B).
    async with serving(tmp_path) as place:
        old = place.trusting()
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await say(place.tls, b"", ssl=old, server_hostname=HOST)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"CONNECT sandbox.sslcommerz.com:80 HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"CONNECT sandbox.sslcommerz.com HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"CONNECT sandbox.sslcommerz.com.evil.example:443 HTTP/1.1\r\n\r\n", b"403 Forbidden"),
        (b"GET http://sandbox.sslcommerz.com/ HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"\xff\xfe\r\n\r\n", b"405 Method Not Allowed"),
        (b"CONNECT " + b"a" * 2 * HEAD_BYTES_MAX, b"431 Request Header Fields Too Large"),
        (b"CONNECT Sandbox.SSLCommerz.com:443 HTTP/1.1\r\n\r\n", b"200 Connection established"),
    ],
)
async def test_the_proxy_leads_to_the_gateways_and_nowhere_else(tmp_path: Path, said: bytes, expected: bytes) -> None:
    async with serving(tmp_path) as place:
        assert (await say(place.proxy, said)).startswith(b"HTTP/1.1 " + expected)


async def test_whoever_connects_and_says_nothing_is_let_go() -> None:
    proxy = Proxy(("127.0.0.1", 1), head_seconds_max=0.01)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b""
        writer.close()


async def test_leaving_ends_a_tunnel_that_stands_open(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        reader, writer = await asyncio.open_connection("127.0.0.1", place.proxy)
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()


def test_a_proxy_without_a_listener_to_lead_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_PORT", "9180")
    with pytest.raises(SettingsError, match=r"PROXY_PORT: .*set TLS_PORT too"):
        read_settings()


@pytest.mark.parametrize("told", ["", "relative"])
def test_a_data_folder_that_is_not_absolute_is_void(told: str) -> None:
    # XDG Base Directory: relative paths are to be ignored.
    assert certificates_folder({"XDG_DATA_HOME": told}) == Path.home() / ".local/share/gatewright/certs"
    assert certificates_folder({"XDG_DATA_HOME": "/of/mine"}) == Path("/of/mine/gatewright/certs")


async def test_a_reset_passes_the_tunnel_as_a_reset(tmp_path: Path) -> None:
    def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        PeerConnection(writer.transport).reset()

    behind = await asyncio.start_server(cut, "127.0.0.1", 0)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with proxying(bound, to=behind.sockets[0].getsockname()[:2]):
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()
    behind.close()
