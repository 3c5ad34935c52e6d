"""A notification before the answer of the call that created the gateway order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from simulators.sockets import FaultProtocol
from tests.simulators.stands import Json, Receiver, Stand, open_stand, served, until


@asynccontextmanager
async def selling(shopper: Json, **settings: Json) -> AsyncGenerator[tuple[Stand, Receiver, str]]:
    """A side whose create calls are answered early-struck, and a merchant that takes IPNs."""
    receiver = Receiver()
    async with open_stand(**settings) as stand, served(receiver, protocol=FaultProtocol) as url:
        body = {"when": {"operation": "createSession"}, "faults": [{"early": shopper}]}
        await stand.control("POST", "/faults", body=body)
        yield stand, receiver, f"{url}/ipn"


async def exchange_of(stand: Stand, operation: str) -> Json:
    [exchange] = await stand.journal(operation=operation)
    return exchange


@pytest.mark.parametrize(("shopper", "status"), [("pays", "VALID"), ("declines", "FAILED"), ("cancels", "CANCELLED")])
async def test_what_the_shopper_did_is_told_before_the_session_is_answered(shopper: str, status: str) -> None:
    async with selling({"shopper": shopper}, clock="system") as (stand, receiver, url):
        answered: list[bool] = []
        session: asyncio.Task[Json] | None = None

        async def look(fields: dict[str, str]) -> None:
            answered.append(session is not None and session.done())

        receiver.meanwhile = look
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        assert (await session)["status"] == "SUCCESS"
        assert ([fields["status"] for fields in receiver.got], answered) == ([status], [False])
        opened, ipn = await exchange_of(stand, "createSession"), await exchange_of(stand, "ipn")
        assert opened["order"] < ipn["order"] < ipn["ended_order"] < opened["ended_order"]
        assert opened["faults"] == [
            f"the shopper {shopper} before this answer", "answer held back until a notification was brought",
        ]  # fmt: skip


async def test_on_a_virtual_clock_no_time_passes() -> None:
    async with selling({}) as (stand, receiver, url):
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        account = stand.side.accounts.get("default")
        await until(lambda: bool(account.outbox.list_due()) and account.activity.snapshot().running == 0)
        assert not session.done()
        ran = await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert [due["name"] for due in ran["ran"]] == ["ipn"]
        assert (await session)["status"] == "SUCCESS"
        opened = await exchange_of(stand, "createSession")
        assert (opened["ended_at"], len(receiver.got)) == (opened["at"], 1)
        assert account.activity.snapshot().is_calm


async def test_the_answer_waits_for_whoever_plays_the_shopper() -> None:
    async with selling({"shopper": "waits"}) as (stand, receiver, url):
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        account = stand.side.accounts.get("default")
        await until(lambda: account.clock.next_due() is not None)
        await stand.control("POST", "/shopper", body={"order": "ORDER-1", "action": "pay"})
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert (await session)["status"] == "SUCCESS"
        assert [fields["status"] for fields in receiver.got] == ["VALID"]
        opened = await exchange_of(stand, "createSession")
        assert opened["faults"][0] == "the shopper may act before this answer"


async def test_two_notifications_at_once_wake_the_waiting_answer_once() -> None:
    async with selling({"shopper": "waits"}) as (stand, _, url):
        account = stand.side.accounts.get("default")
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        await until(lambda: account.clock.next_due() is not None)
        heard: list[str] = []

        def hear() -> None:
            heard.append("ORDER-1")

        account.brought.watch("ORDER-1", hear)
        account.brought.tell("ORDER-1")
        account.brought.tell("ORDER-1")
        assert (await session)["status"] == "SUCCESS"
        assert len(heard) == 2
        account.brought.unwatch("ORDER-1", hear)
        account.brought.tell("ORDER-1")
        assert (len(heard), account.activity.snapshot().running) == (2, 0)


async def test_the_answer_waits_no_longer_than_it_may() -> None:
    async with selling({"shopper": "waits", "within_seconds": 10}) as (stand, _, url):
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        account = stand.side.accounts.get("default")
        await until(lambda: account.clock.next_due() is not None)
        ran = await stand.control("POST", "/clock/advance", body={"by_seconds": 60})
        assert [due["name"] for due in ran["ran"]] == ["answer held back"]
        assert (await session)["status"] == "SUCCESS"
        opened = await exchange_of(stand, "createSession")
        assert opened["faults"][1] == "answer held back 10 s, and no notification was brought"
        assert account.activity.snapshot().is_calm


async def test_a_payment_that_nobody_is_told_of_holds_nothing_back() -> None:
    async with selling({}) as (stand, _, _):
        assert (await stand.open_session())["status"] == "SUCCESS"
        opened = await exchange_of(stand, "createSession")
        assert opened["faults"] == ["the shopper pays before this answer, and no notification tells it"]
        [order] = (await stand.control("GET", "/orders"))["orders"]
        assert order["state"] == "VALID"


async def test_a_refused_session_has_nothing_to_tell_early() -> None:
    async with selling({}) as (stand, receiver, url):
        assert (await stand.open_session(ipn_url=url, cus_name=""))["status"] == "FAILED"
        opened = await exchange_of(stand, "createSession")
        assert (opened["faults"], receiver.got) == (["nothing told early: the answer opened nothing"], [])


async def test_a_shopper_who_is_hindered_fails_nobodys_call() -> None:
    async with selling({"shopper": "pays"}) as (stand, _, url):
        first = asyncio.create_task(stand.open_session(ipn_url=url, tran_id="A"))
        await until(lambda: bool(stand.side.accounts.get("default").outbox.list_due()))
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        await first
        # The same ids once more: the draws start over, and what was given out is still known.
        stand.side.accounts.get("default").chance.start_over()
        stand.side.accounts.get("default").chance.token("default", "sessionkey", length=32)
        second = await stand.open_session(ipn_url=url, tran_id="B")
        assert second["status"] == "SUCCESS"
        [_, opened] = await stand.journal(operation="createSession")
        assert opened["faults"][0].startswith("nothing told early: the val_id ")


async def test_a_peer_that_gives_up_waiting_leaves_nothing_behind() -> None:
    async with selling({"shopper": "waits"}) as (stand, _, url):
        account = stand.side.accounts.get("default")
        session = asyncio.create_task(stand.open_session(ipn_url=url))
        await until(lambda: account.clock.next_due() is not None)
        session.cancel()
        await stand.side.stop()
        await until(lambda: not account.arrivals)
        assert account.activity.snapshot().running == 0
