"""The scripted receiver: it keeps every byte and answers each delivery as its script says."""

import asyncio
import base64

import httpx
import pytest

from simulators.merchant.receiver import RECEIVED_MAX, Receiver, Step
from tests.simulators.stands import Json, Stand, open_stand, until


async def deliver(stand: Stand, body: bytes = b"hello", **headers: str) -> httpx.Response:
    return await stand.client.post(f"{stand.urls['merchant']}/default/receive?a=1", content=body, headers=headers)


async def play(stand: Stand, *script: Json, then: str = "last") -> None:
    await stand.control("PUT", "/receiver", body={"script": list(script), "then": then})


async def received(stand: Stand) -> list[Json]:
    return (await stand.control("GET", "/receiver"))["received"]


async def test_what_comes_is_kept_to_the_byte() -> None:
    async with open_stand() as stand:
        body = b"\xff\x00 a=1&b=%zz\r\n"
        assert (await deliver(stand, body, **{"content-type": "what/ever", "x-sign": "1"})).status_code == 200
        [told] = await received(stand)
        assert base64.b64decode(told["body"]) == body
        assert (told["method"], told["size"], told["url"].endswith("/default/receive?a=1")) == ("POST", len(body), True)
        assert ["x-sign", "1"] in told["headers"]
        assert told["at"] == "2030-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(("then", "statuses"), [("last", [500, 200, 200, 200]), ("first", [500, 200, 500, 200])])
async def test_each_delivery_gets_its_step_of_the_script(then: str, statuses: list[int]) -> None:
    async with open_stand() as stand:
        await play(stand, {"status": 500}, {}, then=then)
        assert [(await deliver(stand)).status_code for _ in statuses] == statuses
        assert [one["answered"] for one in await received(stand)] == [str(status) for status in statuses]


async def test_it_redirects_and_answers_with_as_long_a_body_as_asked() -> None:
    async with open_stand() as stand:
        await play(
            stand,
            {"status": 302, "redirect": "http://elsewhere.test/"},
            {"body": '{"a": 1}', "media_type": "application/json"},
            {"body_bytes": 5_000_000},
        )
        moved, worded, huge = [await deliver(stand) for _ in range(3)]
        assert (moved.status_code, moved.headers["location"]) == (302, "http://elsewhere.test/")
        assert (worded.json(), worded.headers["content-type"]) == ({"a": 1}, "application/json")
        assert len(huge.content) == 5_000_000


async def test_it_resets_and_is_told_to_have() -> None:
    async with open_stand() as stand:
        await play(stand, {"reset": True}, {})
        with pytest.raises(httpx.ReadError):
            await deliver(stand)
        assert (await deliver(stand)).status_code == 200
        assert [one["answered"] for one in await received(stand)] == ["reset", "200"]


async def test_it_waits_on_the_accounts_clock() -> None:
    async with open_stand() as stand:
        await play(stand, {"delay_seconds": 90})
        delivering = asyncio.create_task(deliver(stand))
        account = stand.side.accounts.get("default")
        await until(lambda: account.clock.next_due() is not None)
        assert not delivering.done()
        await stand.control("POST", "/clock/advance", body={"by_seconds": 90})
        assert (await delivering).status_code == 200


async def test_it_says_nothing_until_the_sender_gives_up() -> None:
    async with open_stand() as stand:
        await play(stand, {"silence": True})
        delivering = asyncio.create_task(deliver(stand))
        account = stand.side.accounts.get("default")
        await until(lambda: bool(account.arrivals) and account.activity.snapshot().running == 0)
        delivering.cancel()
        await until(lambda: not account.arrivals)
        [told] = await stand.journal(operation="receive")
        assert told["outcome"] == "hung_up"


async def test_it_takes_every_method_and_forgets_with_its_account() -> None:
    async with open_stand() as stand:
        await play(stand, {"status": 418})
        assert (await stand.client.get(f"{stand.urls['merchant']}/default/receive")).status_code == 418
        await stand.control("POST", "/reset")
        assert await received(stand) == []
        assert (await deliver(stand)).status_code == 200


async def test_nobodys_receiver_is_none() -> None:
    async with open_stand() as stand:
        answer = await stand.client.post(f"{stand.urls['merchant']}/nobody/receive")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_oldest_deliveries_make_room() -> None:
    receiver = Receiver()
    for number in range(RECEIVED_MAX + 2):
        receiver.keep({"n": number, "size": 1}, 1)
    receiver.keep({"n": "huge", "size": 16 * 1024 * 1024}, 16 * 1024 * 1024)
    assert [one["n"] for one in receiver.received] == ["huge"]
    assert receiver.dropped == RECEIVED_MAX + 2
    receiver.clear()
    assert (list(receiver.received), receiver.next_step(), receiver.dropped) == ([], Step(), 0)


@pytest.mark.parametrize("to", ["http://elsewhere.test/\r\nx-more: 1", "http://ঢাকা.test/", "http://a.test/ b"])
async def test_a_redirect_that_no_header_can_hold_is_refused(to: str) -> None:
    async with open_stand() as stand:
        refused = await stand.ask_control("PUT", "/receiver", body={"script": [{"status": 302, "redirect": to}]})
        assert refused.status_code == 422
