"""Following a payment over real sockets with python-socketio's own client."""

import asyncio
from pathlib import Path

import httpx
import pytest

from reference_server.tracking.rooms import TRIES_PER_SOCKET_MAX, VAIN_TRIES_PER_MINUTE_MAX
from tests.reference_server.stage import SETTINGS
from tests.reference_server.tracking.following import Follower, live

NOWHERE = {"ok": False, "error": "no such session"}
UNKNOWN = "ses_00000000000000000000000000000000"
CLIENTS = 200
HANDSHAKE = {"EIO": "4", "transport": "polling"}


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_whoever_joined_hears_each_change_of_the_word_once_and_in_order(transports: list[str]) -> None:
    async with live() as there:
        session_id, tran_id, _ = await there.opened()
        follower = await there.follow(transports)
        joined = await follower.join(session_id)
        await there.stage.ipn(session_id, there.stage.gateway.pay(tran_id))
        await there.stage.quiesce()

        assert joined == {
            "ok": True,
            "sessionId": session_id,
            "tran_id": tran_id,
            "status": "PENDING",
            "state": "PENDING",
        }
        assert await follower.statuses(2) == ["VALIDATED", "SUCCESS"]
        assert follower.told[0] == {"sessionId": session_id, "tran_id": tran_id, "status": "VALIDATED"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [("HTTP 500", ["VALIDATED", "SYNC_PENDING", "SUCCESS"]), ("lost", ["VALIDATED", "SYNC_PENDING", "SUCCESS"])],
)
async def test_a_delivery_that_has_to_be_tried_again_is_told_word_by_word(fault: str, words: list[str]) -> None:
    async with live() as there:
        session_id, tran_id, token = await there.opened()
        follower = await there.follow()
        await follower.join({"token": token})
        there.stage.sink.script = [fault]
        await there.stage.ipn(session_id, there.stage.gateway.pay(tran_id))
        await there.stage.advance(minutes=10)

        assert await follower.statuses(len(words)) == words


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
async def test_an_end_without_money_is_told(status: str) -> None:
    async with live() as there:
        session_id, tran_id, _ = await there.opened()
        follower = await there.follow()
        await follower.join({"sessionId": session_id})
        await there.stage.ipn(session_id, there.stage.gateway.end(tran_id, status))
        await there.stage.quiesce()

        assert await follower.statuses(1) == [status]


async def test_a_duplicate_changes_no_word_and_tells_nobody() -> None:
    async with live() as there:
        session_id, tran_id, _ = await there.opened()
        follower = await there.follow()
        await follower.join(session_id)
        ipn = there.stage.gateway.pay(tran_id)
        for _ in range(5):
            await there.stage.ipn(session_id, ipn)
        await there.stage.quiesce()
        other, tran_id, _ = await there.opened()
        await follower.join(other)
        await there.stage.ipn(other, there.stage.gateway.end(tran_id, "FAILED"))

        assert await follower.statuses(3) == ["VALIDATED", "SUCCESS", "FAILED"]


async def test_nobody_hears_of_a_session_that_they_did_not_join() -> None:
    async with live() as there:
        mine, my_tran_id, _ = await there.opened()
        theirs, their_tran_id, _ = await there.opened()
        follower = await there.follow()
        await follower.join(mine)
        await there.stage.ipn(theirs, there.stage.gateway.pay(their_tran_id))
        await there.stage.ipn(mine, there.stage.gateway.end(my_tran_id, "CANCELLED"))
        await there.stage.quiesce()

        assert await follower.statuses(1) == ["CANCELLED"]
        assert [body["sessionId"] for body in follower.told] == [mine]


async def test_who_joins_late_or_after_a_kill_is_answered_the_present_state(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"})
    async with live(settings) as there:
        session_id, tran_id, token = await there.opened()
        await there.stage.ipn(session_id, there.stage.gateway.pay(tran_id))
        await there.stage.quiesce()
        answers = [await (await there.follow()).join({"token": token})]
    async with live(settings) as there:
        answers.append(await (await there.follow()).join({"token": token, "sessionId": session_id}))

    assert [(answer["status"], answer["state"]) for answer in answers] == [("SUCCESS", "CAPTURED")] * 2


async def test_unknown_session_and_wrong_token_have_one_answer() -> None:
    async with live() as there:
        session_id, _, token = await there.opened()
        another, _, _ = await there.opened()
        follower = await there.follow()
        wrong = (
            UNKNOWN,
            {"sessionId": UNKNOWN},
            {"token": "trk_00000000000000000000000000000000"},
            {"sessionId": session_id, "token": "trk_00000000000000000000000000000000"},
            {"sessionId": another, "token": token},
            {"sessionId": UNKNOWN, "token": token},
        )
        answers = [await follower.join(said) for said in wrong]

        assert answers == [NOWHERE] * len(wrong)


async def test_a_bare_session_id_joins_nothing_where_the_settings_say_so() -> None:
    async with live(SETTINGS.model_copy(update={"realtime_bare_session": False})) as there:
        session_id, _, token = await there.opened()
        follower = await there.follow()
        bare = [await follower.join(session_id), await follower.join({"sessionId": session_id})]
        with_token = await follower.join({"token": token})

        assert bare == [NOWHERE] * 2
        assert with_token["ok"] is True


@pytest.mark.parametrize(
    "said", [(), (1,), ("a b",), ({},), ({"sessionId": 5},), ({"token": "x", "more": 1},), ([["deep"]],), ("a", "b")]
)
async def test_what_is_no_join_is_not_understood(said: tuple[object, ...]) -> None:
    async with live() as there:
        follower = await there.follow()

        assert await follower.join(*said) == {"ok": False, "error": "not understood"}


async def test_one_socket_may_try_so_often_and_no_more() -> None:
    async with live() as there:
        session_id, _, _ = await there.opened()
        follower, another = await there.follow(), await there.follow()
        answers = [(await follower.join(session_id))["ok"] for _ in range(TRIES_PER_SOCKET_MAX + 2)]

        assert answers == [True] * TRIES_PER_SOCKET_MAX + [False] * 2
        assert (await another.join(session_id))["ok"] is True


async def test_one_address_may_be_wrong_so_often_a_minute_and_no_more() -> None:
    async with live() as there:
        session_id, _, _ = await there.opened()
        guessing: list[object] = []
        while len(guessing) < VAIN_TRIES_PER_MINUTE_MAX:
            follower = await there.follow()
            guessing += [(await follower.join(UNKNOWN))["error"] for _ in range(10)]

        assert set(guessing) == {"no such session"}
        assert (await (await there.follow()).join(session_id))["error"] == "too many joins"


# Thousands of units one after the other: on PostgreSQL, on a busy machine, they have taken a minute and more.
@pytest.mark.timeout(600)
async def test_two_hundred_sockets_each_hear_of_their_own_session() -> None:
    async with live() as there:
        opened = [await there.opened() for _ in range(CLIENTS)]
        followers = await asyncio.gather(*(there.follow() for _ in opened))

        async def join(follower: Follower, session_id: str) -> bool:
            return (await follower.join(session_id))["ok"]

        joined = await asyncio.gather(*(join(one, told[0]) for one, told in zip(followers, opened, strict=True)))
        for session_id, tran_id, _ in opened:
            await there.stage.ipn(session_id, there.stage.gateway.pay(tran_id))
        await there.stage.quiesce()
        heard = [await follower.statuses(2) for follower in followers]

        assert joined == [True] * CLIENTS
        assert heard == [["VALIDATED", "SUCCESS"]] * CLIENTS
        assert [one.told[0]["sessionId"] for one in followers] == [session_id for session_id, _, _ in opened]


async def test_stopping_closes_every_socket() -> None:
    async with live() as there:
        follower = await there.follow()
        async with httpx.AsyncClient(base_url=f"http://{there.address}/socket.io/") as polling:
            opened = (await polling.get("", params=HANDSHAKE)).text
            sid = opened.split('"sid":"')[1].split('"')[0]
            poll = asyncio.create_task(polling.get("", params={**HANDSHAKE, "sid": sid}))
            await there.stage.status((await there.opened())[0])
            await there.stage.server.stop()
            # The goodbye, or the refusal of a poll that came after it.
            ended = (await poll).status_code
        await follower.until_gone()

        assert ended in {200, 400}
        assert follower.client.connected is False
