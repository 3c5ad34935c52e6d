"""One attempt over real sockets: whatever a receiver does ends as a failed attempt, bounded in time and memory."""

import ssl
import tracemalloc
from asyncio import StreamWriter

import pytest
import trustme

from reference_server.webhooks.guard import GuardRules
from reference_server.webhooks.model import AttemptEnd
from reference_server.webhooks.sender import KEPT_BYTES
from tests.reference_server.webhooks import hostile
from tests.reference_server.webhooks.hostile import Misbehaviour, listening, send_to, sending

# What is read of an answer, with what the machinery of an attempt takes besides.
MEMORY_MAX = 8_000_000


async def test_a_plain_answer_is_taken_as_it_is() -> None:
    async with sending() as sender, listening(hostile.answer_well) as there:
        answered = await send_to(sender, f"http://127.0.0.1:{there.port}/hook")
        assert (answered.end, answered.code, answered.text) == (AttemptEnd.ANSWERED, 200, "OK")
        assert there.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")


@pytest.mark.parametrize("misbehave", [hostile.never_answer, hostile.drip, hostile.endless_interim_answers])
async def test_one_limit_is_over_everything(misbehave: Misbehaviour) -> None:
    async with sending(limit_seconds=0.2) as sender, listening(misbehave) as there:
        answered = await send_to(sender, f"http://127.0.0.1:{there.port}/")
        # The drip may reach what is read of an answer before its time is up.
        assert answered.end in {AttemptEnd.TIMED_OUT, AttemptEnd.TOO_LARGE, AttemptEnd.BROKEN}


@pytest.mark.parametrize(
    ("misbehave", "end"),
    [
        (hostile.huge_body, AttemptEnd.TOO_LARGE),
        (hostile.gzip_bomb, AttemptEnd.TOO_LARGE),
        (hostile.endless_headers, AttemptEnd.BROKEN),
        (hostile.endless_interim_answers, AttemptEnd.BROKEN),
        (hostile.padded_chunks, AttemptEnd.BROKEN),
        (hostile.one_long_header, AttemptEnd.BROKEN),
        (hostile.no_status_line, AttemptEnd.BROKEN),
        (hostile.cut_off, AttemptEnd.BROKEN),
        (hostile.hang_up, AttemptEnd.BROKEN),
    ],
)
async def test_a_hostile_receiver_is_a_failed_attempt_with_flat_memory(
    misbehave: Misbehaviour, end: AttemptEnd
) -> None:
    async with sending() as sender, listening(misbehave) as there:
        await send_to(sender, f"http://127.0.0.1:{there.port}/")
        tracemalloc.start()
        answered = await send_to(sender, f"http://127.0.0.1:{there.port}/")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answered.end is end
        assert len(answered.text or "") <= KEPT_BYTES
        if misbehave is not hostile.gzip_bomb:  # whose making takes more than its reading
            assert most < MEMORY_MAX


async def test_nobody_there_is_an_unreachable_receiver() -> None:
    async with listening(hostile.answer_well) as there:
        port = there.port
    async with sending() as sender:
        assert (await send_to(sender, f"http://127.0.0.1:{port}/")).end is AttemptEnd.UNREACHABLE
        assert (await send_to(sender, "http://nobody.invalid/")).end is AttemptEnd.UNREACHABLE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
async def test_what_listens_inside_sees_no_connection(host: str) -> None:
    strict = GuardRules(needs_tls=False, ports=None)
    async with sending(rules=strict) as sender, listening(hostile.answer_well) as canary:
        answered = await send_to(sender, f"http://{host}:{canary.port}/")
        assert (answered.end, answered.text, canary.connections) == (AttemptEnd.REFUSED, None, 0)


async def test_a_redirect_to_the_inside_is_not_followed() -> None:
    async with sending() as sender, listening(hostile.answer_well) as canary:

        async def redirect(writer: StreamWriter) -> None:
            location = f"http://127.0.0.1:{canary.port}/".encode()
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

        async with listening(redirect) as there:
            answered = await send_to(sender, f"http://127.0.0.1:{there.port}/")
            assert (answered.code, canary.connections) == (302, 0)


def certified(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context for that name, and one that believes its authority."""
    authority = trustme.CA()
    server, believing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(name).configure_cert(server)  # pyright: ignore[reportUnknownMemberType]  # untyped there
    authority.configure_trust(believing)  # pyright: ignore[reportUnknownMemberType]  # untyped there
    return server, believing


async def test_a_certificate_of_the_right_name_by_a_known_authority_is_believed() -> None:
    server, believing = certified("localhost")
    async with sending(authorities=believing) as sender, listening(hostile.answer_well, tls=server) as there:
        assert (await send_to(sender, f"https://localhost:{there.port}/")).code == 200


async def test_a_wrong_name_and_an_unknown_authority_are_sent_nothing() -> None:
    wrong, believing = certified("other.example")
    unknown, _ = certified("localhost")
    for server in (wrong, unknown):
        async with sending(authorities=believing) as sender, listening(hostile.answer_well, tls=server) as there:
            answered = await send_to(sender, f"https://localhost:{there.port}/")
            assert (answered.end, there.requests) == (AttemptEnd.INSECURE, [])


async def test_plain_http_where_tls_is_wanted_is_no_downgrade() -> None:
    async with sending(limit_seconds=0.2) as sender, listening(hostile.answer_well) as there:
        answered = await send_to(sender, f"https://localhost:{there.port}/")
        # Whoever listens for text waits for an end of lines that a greeting of TLS has not.
        assert answered.end in {AttemptEnd.INSECURE, AttemptEnd.BROKEN, AttemptEnd.TIMED_OUT}
        assert there.requests == []


async def test_connections_are_kept_between_attempts() -> None:
    async with sending() as sender, listening(hostile.answer_well) as there:
        url = f"http://127.0.0.1:{there.port}/"
        assert [(await send_to(sender, url)).code for _ in range(2)] == [200, 200]
        assert there.connections == 1


async def test_a_kept_connection_that_was_closed_meanwhile_is_no_failed_attempt() -> None:
    async def answer_and_close(writer: StreamWriter) -> None:
        await hostile.answer_well(writer)

    async with sending() as sender, listening(answer_and_close) as there:
        url = f"http://127.0.0.1:{there.port}/"
        assert [(await send_to(sender, url)).code for _ in range(5)] == [200] * 5
        assert len(there.requests) == 5


async def test_a_receiver_that_hangs_up_is_posted_to_once_for_each_attempt() -> None:
    async with sending() as sender, listening(hostile.hang_up) as there:
        url = f"http://127.0.0.1:{there.port}/"
        assert [(await send_to(sender, url)).end for _ in range(3)] == [AttemptEnd.BROKEN] * 3
        assert len(there.requests) == 3
