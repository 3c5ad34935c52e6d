"""Who may open a socket, and what becomes of packets that nobody should send."""

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from reference_server.tracking.sockets import UNREAD_MAX
from tests.reference_server.stage import SETTINGS
from tests.reference_server.tracking.following import HEARD_SECONDS_MAX, Live, live

HANDSHAKE = {"EIO": "4", "transport": "polling"}
SOCKET = "/socket.io/?EIO=4&transport=websocket"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://server.test", 200),
        ("http://shop.test", 200),
        ("http://evil.test", 403),
        ("http://shop.test.evil.test", 403),
        ("http://shop.test:81", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_only_pages_of_frontends_and_our_own_may_connect(origin: str, status: int) -> None:
    async with live() as there:
        client = there.stage.client
        answer = await client.get("/socket.io/", params=HANDSHAKE, headers={"origin": origin, "host": "gw.test"})

        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == (origin if status == 200 else None)


async def test_a_page_served_under_another_name_of_ours_may_connect() -> None:
    async with live() as there:
        headers = {"origin": "https://other.name", "host": "other.name"}
        answer = await there.stage.client.get("/socket.io/", params=HANDSHAKE, headers=headers)

        assert answer.status_code == 200


async def test_a_frontend_that_is_opened_later_may_connect_too() -> None:
    async with live() as there:
        await there.stage.client.post(
            "/_control/accounts",
            json={"name": "two", "frontend_url": "https://two.test/shop"},
            headers={"host": "server.test"},
        )
        headers = {"origin": "https://two.test", "host": "gw.test"}
        answer = await there.stage.client.get("/socket.io/", params=HANDSHAKE, headers=headers)

        assert answer.status_code == 200


async def test_a_foreign_page_gets_no_websocket() -> None:
    async with live() as there:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{there.address}{SOCKET}", origin="http://evil.test"):  # pyright: ignore[reportArgumentType]  # a NewType of str
                pass

        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {**HANDSHAKE, "j": "0"},
        {"EIO": "3", "transport": "polling"},
        {"EIO": "4", "transport": "pigeon"},
        {**HANDSHAKE, "sid": "nobody"},
        {},
    ],
)
async def test_a_handshake_that_is_none_is_refused(query: dict[str, str]) -> None:
    async with live() as there:
        answer = await there.stage.client.get("/socket.io/", params=query)

        assert answer.status_code == 400


async def test_there_are_so_many_sockets_and_no_more() -> None:
    async with live(SETTINGS.model_copy(update={"realtime_sockets": 2})) as there:
        statuses = [(await there.stage.client.get("/socket.io/", params=HANDSHAKE)).status_code for _ in range(3)]

        assert statuses == [200, 200, 503]


PER_ADDRESS = SETTINGS.model_copy(
    update={"realtime_sockets": 4, "realtime_sockets_per_address": 2, "trusted_proxies": ("127.0.0.0/8",)}
)


async def shake_hands(there: Live, address: str) -> httpx.Response:
    return await there.stage.client.get("/socket.io/", params=HANDSHAKE, headers={"x-forwarded-for": address})


async def test_one_address_has_so_many_sockets_and_keeps_nobody_else_out() -> None:
    async with live(PER_ADDRESS) as there:
        one, other = "198.51.100.1", "198.51.100.2"
        statuses = [(await shake_hands(there, address)).status_code for address in (one, one, one, other, one, other)]

        assert statuses == [200, 200, 429, 200, 429, 200]
        assert (await shake_hands(there, "198.51.100.3")).status_code == 503


async def test_a_whole_network_of_ipv6_is_one_address() -> None:
    async with live(PER_ADDRESS) as there:
        statuses = [(await shake_hands(there, f"2001:db8::{number}")).status_code for number in range(3)]

        assert statuses == [200, 200, 429]
        assert (await shake_hands(there, "2001:db8:0:1::1")).status_code == 200


async def test_who_names_an_address_and_is_no_trusted_proxy_is_counted_under_its_own() -> None:
    async with live(PER_ADDRESS.model_copy(update={"trusted_proxies": ()})) as there:
        statuses = [(await shake_hands(there, f"198.51.100.{number}")).status_code for number in range(3)]

        assert statuses == [200, 200, 429]


async def test_a_socket_that_ends_makes_room_for_another_however_it_ended() -> None:
    async with live(PER_ADDRESS) as there:
        address = "198.51.100.1"
        for _ in range(3):
            await shake_hands(there, address)
            sid = (await shake_hands(there, address)).text.split('"sid":"')[1].split('"')[0]
            assert (await shake_hands(there, address)).status_code == 429
            await there.stage.client.post("/socket.io/", params={**HANDSHAKE, "sid": sid}, content="x" * 5_000)
            assert (await shake_hands(there, address)).status_code == 200
            await there.stage.server.rooms.sockets.close()
            assert there.stage.server.rooms.sockets.count_of(address) == 0


async def test_a_websocket_counts_as_long_as_it_is_open() -> None:
    async with live(PER_ADDRESS.model_copy(update={"realtime_sockets_per_address": 1})) as there:
        async with connect(f"ws://{there.address}{SOCKET}") as socket:
            await socket.recv()
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://{there.address}{SOCKET}")
            assert refused.value.response.status_code == 403
        await there.stage.server.rooms.sockets.close()
        async with connect(f"ws://{there.address}{SOCKET}") as socket:
            await socket.recv()


HOSTILE = [
    "",
    "4",
    "42",
    "9",
    "5",
    "2probe",
    "4" + "2" + "[" * 4_000,
    '42["join"',
    '42[["join"]]',
    "42[]",
    "42{}",
    '42["connect",{}]',
    '42["disconnect","x"]',
    "40/other,",
    "40",
    "41",
    '4451-["join",{"_placeholder":true,"num":0}]',
    '459999999999-["join"]',
    "43" + "9" * 500 + "[]",
    "42" + "9" * 5_000 + '["join"]',
    "4" + "2" + '["join","' + "a" * 3_900 + '"]',
    "x" * 8_100,
    "x" * 100_000,
    "bAAAA",
    "\x00\uffff",
]


@pytest.mark.parametrize("packet", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_packet_ends_its_own_socket_at_most(packet: str, capfd: pytest.CaptureFixture[str]) -> None:
    async with live() as there:
        session_id, tran_id, _ = await there.opened()
        follower = await there.follow()
        await follower.join(session_id)
        await _send(there, packet)
        await there.stage.ipn(session_id, there.stage.gateway.pay(tran_id))
        await there.stage.quiesce()

        assert await follower.statuses(2) == ["VALIDATED", "SUCCESS"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("announced", ['451-["join",{"_placeholder":true,"num":0}]', '459999999999-["join"]', "461-[]"])
async def test_a_socket_that_announces_attachments_is_closed_and_none_is_kept(announced: str) -> None:
    async with live() as there, connect(f"ws://{there.address}{SOCKET}") as socket:
        await socket.recv()
        await socket.send("40")
        await socket.recv()
        await socket.send(announced)
        async with asyncio.timeout(HEARD_SECONDS_MAX):
            assert [told async for told in socket] == ["1"]
        assert there.stage.server.rooms.sockets.count == 0


async def test_a_socket_that_asks_and_never_reads_is_turned_away() -> None:
    async with live() as there:
        client = there.stage.client
        opened = (await client.get("/socket.io/", params=HANDSHAKE)).text
        asked = {**HANDSHAKE, "sid": opened.split('"sid":"')[1].split('"')[0]}
        await client.post("/socket.io/", params=asked, content="40")
        joins = "\x1e".join(['421["join","x"]'] * 16)
        statuses = [
            (await client.post("/socket.io/", params=asked, content=joins)).status_code
            for _ in range(UNREAD_MAX // 16 + 2)
        ]

        assert (statuses[0], statuses[-1]) == (200, 400)
        assert there.stage.server.rooms.sockets.count == 0


async def _send(there: Live, packet: str) -> None:
    """Send it on a socket that has connected, then ask for the close and wait for it."""
    try:
        async with connect(f"ws://{there.address}{SOCKET}", close_timeout=HEARD_SECONDS_MAX) as socket:
            assert str(await socket.recv()).startswith("0{")
            await socket.send("40")
            assert str(await socket.recv()).startswith("40{")
            await socket.send(packet)
            await socket.send(b"\x00\xff")
            await socket.send('42["join"]')
    except ConnectionClosed:
        pass


@pytest.mark.parametrize("body", [b"", b"4", b"\xff\xfe", b"x" * 5_000, b"\x1e" * 500, b'42["join"' * 40, b"0"])
async def test_a_hostile_body_of_a_poll_is_no_error_of_ours(body: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    async with live() as there:
        client = there.stage.client
        opened = (await client.get("/socket.io/", params=HANDSHAKE)).text
        sid = opened.split('"sid":"')[1].split('"')[0]
        answer = await client.post("/socket.io/", params={**HANDSHAKE, "sid": sid}, content=body)

        assert answer.status_code in {200, 400}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("path", ["/", "/payment/init", "/socket.iox", "/_control/health"])
async def test_no_other_path_takes_a_socket(path: str) -> None:
    async with live() as there:
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with connect(f"ws://{there.address}{path}") as socket:
                await socket.recv()
