"""Notifications on the wire: how a send ends, on which clock its limit is, whom the guard lets through."""

import asyncio
from datetime import UTC, datetime

import pytest

from contracts.binding import Receive, Scope, Send
from simulators.accounts import Account
from simulators.faults.plan import PlannedSend
from simulators.gateways.gateway import Notification
from simulators.network import Network
from simulators.redaction import Redaction
from simulators.sender import Sender
from tests.simulators.stands import Json, Receiver, Stand, free_socket, open_stand, served, until

START = datetime(2030, 1, 1, tzinfo=UTC)


async def notify(stand: Stand, url: str, **settings: Json) -> Json:
    """Pay an order whose IPNs go to `url`, let a minute go by, and return the send's exchange."""
    opening = {"name": "mine", "settings": {"sslcommerz": settings}}
    store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
    await stand.open_session(**store, ipn_url=url)
    await stand.control("POST", "/shopper", account="mine", body={"action": "pay", "order": "ORDER-1"})
    advanced = await stand.control("POST", "/clock/advance", account="mine", body={"by_seconds": 60})
    assert advanced["quiet"], advanced
    assert stand.side.accounts.get("mine").timekeeper.take_failures() == []
    [exchange] = await stand.journal("mine", operation="ipn")
    return exchange


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Take the request and answer nothing until the peer leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def dribbles(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without end."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"x" * 4096, "more_body": True})
        await asyncio.sleep(0)


async def test_an_answered_notification_is_told_with_its_answer() -> None:
    receiver = Receiver(status=202)
    async with served(receiver) as shop, open_stand() as stand:
        exchange = await notify(stand, f"{shop}/ipn?secret=no")
        assert (exchange["outcome"], exchange["answer"]["status"], exchange["answer"]["body"]) == (
            "answered",
            202,
            "ok",
        )
        assert (exchange["from"], exchange["to"], exchange["direction"]) == ("gateway", "merchant", "out")


async def test_nobody_listening_is_unreachable() -> None:
    gone = free_socket()
    address = gone.getsockname()
    gone.close()
    async with open_stand() as stand:
        assert (await notify(stand, f"http://{address[0]}:{address[1]}/ipn"))["outcome"] == "unreachable"


# The last is a name to the URL and 10.1.2.3 to the resolver.
@pytest.mark.parametrize(
    "url", ["http://10.1.2.3/ipn", "http://[::1", "ftp://127.0.0.1/", "http://0.0.0.0:9/", "http://0x0a010203/"]
)
async def test_the_guard_refuses_strangers_and_says_how_to_allow_them(url: str) -> None:
    async with open_stand() as stand:
        exchange = await notify(stand, url)
        assert (exchange["outcome"], bool(exchange["note"])) == ("refused_by_guard", True)


async def test_a_foreign_merchant_that_is_silent_is_cut_off_in_real_time() -> None:
    async with served(silent) as shop, open_stand() as stand:
        exchange = await notify(stand, f"{shop}/ipn", ipn_limit_seconds=0.05)
        # The account's clock stood still meanwhile: a foreign merchant does not live on it.
        assert (exchange["outcome"], exchange["at"]) == ("timed_out", exchange["ended_at"])


async def test_one_of_our_own_sides_that_is_silent_is_cut_off_on_the_accounts_clock() -> None:
    async with served(silent) as server:
        peers = {"http://server.test": server.removeprefix("http://")}
        async with open_stand(peers=peers) as stand:
            await stand.open_session(ipn_url="http://server.test/ipn")
            await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
            account = stand.side.accounts.get("default")
            account.timekeeper.run_next()
            await until(lambda: account.clock.next_due() is not None and account.activity.snapshot().running == 0)
            account.clock.set(START.replace(second=5))
            account.timekeeper.run_next()
            await until(lambda: account.activity.snapshot().is_calm)
            [exchange] = await stand.journal(operation="ipn")
            assert (exchange["outcome"], exchange["to"]) == ("timed_out", "server")
            assert exchange["ended_at"] == "2030-01-01T00:00:05.000000Z"


async def test_a_reset_by_the_merchant_is_told() -> None:
    async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.transport.abort()

    server = await asyncio.start_server(resets, "127.0.0.1", 0)
    async with server, open_stand() as stand:
        port = server.sockets[0].getsockname()[1]
        assert (await notify(stand, f"http://127.0.0.1:{port}/ipn"))["outcome"] == "reset"


async def test_an_answer_without_end_is_read_no_further_than_the_journal_keeps() -> None:
    async with served(dribbles) as shop, open_stand() as stand:
        exchange = await notify(stand, f"{shop}/ipn")
        assert (exchange["outcome"], len(exchange["answer"]["body"])) == ("answered", 16 * 1024)


async def test_a_dropped_notification_is_journaled_and_never_sent() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        await stand.open_session(ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/faults", body={"faults": [{"drop": {}}]})
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        [exchange] = await stand.journal(operation="ipn")
        assert (exchange["outcome"], exchange["faults"], exchange["answer"]) == (
            "never_sent",
            ["dropped"],
            None,
        )
        assert receiver.got == []


async def test_a_merchant_that_calls_back_before_it_answers_is_answered() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:

        async def validate(ipn: dict[str, str]) -> None:
            ipn["validated"] = (await stand.validate(ipn["val_id"]))["status"]

        receiver.meanwhile = validate
        await stand.open_session(ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        advanced = await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert (advanced["quiet"], [ipn["validated"] for ipn in receiver.got]) == (True, ["VALID"])


async def test_on_the_machines_clock_a_notification_leaves_by_itself() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand(clock="system") as stand:
        await stand.open_session(ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        await until(lambda: bool(receiver.got))


async def test_a_sender_that_was_not_started_says_so() -> None:
    async with open_stand() as stand:
        account: Account = stand.side.accounts.get("default")
        sender = Sender(Network({}), Redaction(()))
        notification = Notification("ipn", "A", "http://127.0.0.1:9/", b"", "text/plain", 5)
        with pytest.raises(RuntimeError, match="not started"):
            await sender.send(PlannedSend(START, notification), account)
        await sender.stop()
