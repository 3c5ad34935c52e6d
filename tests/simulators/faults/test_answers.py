"""Faults on answers, as the peer sees them on a real socket and as the journal tells them."""

import asyncio

import httpx
import pytest

from tests.simulators.stands import Json, Stand, open_stand, until


async def arm(stand: Stand, *faults: Json, **when: Json) -> None:
    await stand.control(
        "POST", "/faults", body={"when": when or {"operation": "createSession"}, "faults": list(faults)}
    )


async def the_only_exchange(stand: Stand) -> Json:
    [exchange] = await stand.journal()
    return exchange


async def sessions(stand: Stand) -> int:
    return len((await stand.control("GET", "/orders"))["orders"])


@pytest.mark.parametrize(
    ("fault", "words", "opened"),
    [
        ("reset_before_work", "connection reset before the work", 0),
        ("reset_after_work", "answer lost after the work", 1),
    ],
)
async def test_a_reset_is_a_reset_on_the_wire(fault: str, words: str, opened: int) -> None:
    async with open_stand() as stand:
        await arm(stand, {fault: {}})
        with pytest.raises(httpx.ReadError) as broken:
            await stand.open_session()
        assert _is_reset(broken.value)
        exchange = await the_only_exchange(stand)
        assert (exchange["outcome"], exchange["answer"], exchange["faults"]) == ("reset", None, [words])
        assert await sessions(stand) == opened


def _is_reset(error: BaseException | None) -> bool:
    """Whether the kernel reported RST (ECONNRESET), not an orderly end of the connection."""
    while error is not None:
        if isinstance(error, ConnectionResetError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def test_silence_lasts_until_the_peer_gives_up_and_nothing_was_done() -> None:
    async with open_stand() as stand:
        await arm(stand, {"never_answer": {}})
        account = stand.side.accounts.get("default")
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: bool(account.arrivals) and account.activity.snapshot().running == 0)
        seen = account.activity.snapshot()
        assert seen.requests_taken - seen.requests_ended == 1
        asking.cancel()
        await until(lambda: not account.arrivals)
        exchange = await the_only_exchange(stand)
        assert (exchange["outcome"], exchange["faults"]) == ("hung_up", ["never answered"])
        assert (await sessions(stand), account.activity.snapshot().is_calm) == (0, True)


async def test_a_delayed_answer_waits_on_the_accounts_clock() -> None:
    async with open_stand() as stand:
        await arm(stand, {"delay": {"by_seconds": 90}})
        account = stand.side.accounts.get("default")
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: account.clock.next_due() is not None)
        assert await sessions(stand) == 1
        advanced = await stand.control("POST", "/clock/advance", body={"by_seconds": 120})
        assert [due["name"] for due in advanced["ran"]] == ["delayed answer"]
        assert (await asking)["status"] == "SUCCESS"
        exchange = await the_only_exchange(stand)
        assert exchange["faults"] == ["answer delayed 1 min 30 s"]
        assert (exchange["at"], exchange["ended_at"]) == ("2030-01-01T00:00:00.000000Z", "2030-01-01T00:01:30.000000Z")


async def test_a_delayed_answer_whose_peer_has_gone_is_told_as_hung_up() -> None:
    async with open_stand() as stand:
        await arm(stand, {"delay": {"by_seconds": 90}})
        account = stand.side.accounts.get("default")
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: account.clock.next_due() is not None)
        asking.cancel()
        await until(lambda: account.activity.snapshot().requests_ended == account.activity.snapshot().requests_taken)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 120})
        assert (await the_only_exchange(stand))["outcome"] == "hung_up"


async def test_faults_on_answers_stack_around_one_piece_of_work() -> None:
    async with open_stand() as stand:
        await arm(stand, {"delay": {"by_seconds": 5}}, {"reset_after_work": {}})
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: stand.side.accounts.get("default").clock.next_due() is not None)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 5})
        with pytest.raises(httpx.ReadError):
            await asking
        exchange = await the_only_exchange(stand)
        assert exchange["faults"] == ["answer delayed 5 s", "answer lost after the work"]


async def test_a_call_by_post_meets_the_rule_of_the_same_operation() -> None:
    async with open_stand() as stand:
        await arm(stand, {"reset_before_work": {}}, operation="validateOrder")
        url = f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php"
        with pytest.raises(httpx.ReadError):
            await stand.client.post(url, params={"store_id": "testbox", "store_passwd": "qwerty", "val_id": "x"})


async def test_strangers_and_wrong_passwords_do_not_use_up_a_rule() -> None:
    async with open_stand() as stand:
        await arm(stand, {"reset_before_work": {}}, operation="createSession", nth=1)
        assert (await stand.open_session(store_passwd="wrong"))["status"] == "FAILED"
        assert (await stand.open_session(store_id="nobody"))["status"] == "FAILED"
        with pytest.raises(httpx.ReadError):
            await stand.open_session()


async def test_a_silent_connection_ends_when_the_side_stops() -> None:
    async with open_stand() as stand:
        await arm(stand, {"never_answer": {}})
        account = stand.side.accounts.get("default")
        asking = asyncio.create_task(stand.open_session())
        await until(lambda: bool(account.arrivals) and account.activity.snapshot().running == 0)
        await stand.side.stop()
        with pytest.raises(httpx.ReadError):
            await asking
        await until(lambda: not account.arrivals)
