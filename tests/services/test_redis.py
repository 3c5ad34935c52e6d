"""The shortcut on a real Redis, which may be stopped at any moment: slower then, and never wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from reference_server.activity import Activity
from reference_server.changes import StatusNews
from reference_server.clock import Clock
from reference_server.documents import REALTIME
from reference_server.fastpath import FastPath
from reference_server.ids import SessionId
from reference_server.settings import Settings
from reference_server.tracking.doorway import Doorway
from reference_server.tracking.messages import Messages
from reference_server.tracking.rooms import Present, Rooms, RoomTerms, Wanted
from reference_server.tracking.sockets import CHANNEL
from tests.reference_server.stage import SETTINGS, Stage, staged, states
from tests.reference_server.test_fastpath import FACTS, SESSION
from tests.reference_server.tracking.following import HEARD_SECONDS_MAX, Follower, listening
from tests.services.redis_server import RedisServer, redis_server

NOTE = "a duplicate of what is settled"
# A listener that lost its Redis looks for it again after 1, 2, 4 … s.
AGAIN_SECONDS = 0.1


def with_redis(redis: RedisServer, **changes: object) -> Settings:
    return SETTINGS.model_copy(update={"redis_url": SecretStr(redis.url), **changes})


async def notes(stage: Stage) -> list[str]:
    journal: Any = await stage.server.control.read_journal()
    return [exchange["note"] for exchange in journal["exchanges"] if exchange["operation"] == "ipn"]


async def test_a_session_lies_there_for_fifteen_minutes_and_says_nothing_that_changes(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, tran_id = await stage.opened()
        with redis.client() as client:
            found = msgspec.json.decode(client.get(f"order-session:{session_id}") or b"{}", type=dict[str, str])
            life = client.ttl(f"order-session:{session_id}")

    assert (found["tran_id"], found["amount"], found["currency"]) == (tran_id, "100.50", "BDT")
    assert 0 < life <= 15 * 60
    assert not {"status", "state", "customer", "frontend_url"} & found.keys()


async def test_a_return_is_sent_on_without_asking_the_store(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, _ = await stage.opened()
            stage.server.database.close()
            answer = await stage.client.post(f"/payment/success/{session_id}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"http://shop.test/orders/{session_id}")


@pytest.mark.parametrize("end", ["pay", "fail"])
async def test_a_duplicate_of_what_is_settled_saves_the_work_and_is_answered_alike(tmp_path: Path, end: str) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, tran_id = await stage.opened()
            ipn = stage.gateway.pay(tran_id) if end == "pay" else stage.gateway.end(tran_id, "FAILED")
            answers = [(await stage.ipn(session_id, ipn)).text for _ in range(3)]
            await stage.quiesce()
            said, told = await notes(stage), await states(stage, session_id)
        with redis.client() as client:
            keys = [key.decode() for key in client.scan_iter("idempotency:*")]

    assert answers == ["recorded"] * 3
    assert [NOTE in note for note in said] == [False, True, True]
    assert told[0] == ("SUCCESS" if end == "pay" else "FAILED")
    assert keys == [f"idempotency:val:{ipn['val_id']}" if end == "pay" else f"idempotency:tran:{tran_id}"]


async def test_what_is_not_settled_is_looked_at_again(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, tran_id = await stage.opened()
            ipn = stage.gateway.pay(tran_id)
            stage.gateway.script["validateOrder"] = ["HTTP 500"]
            for _ in range(2):
                assert (await stage.ipn(session_id, ipn)).status_code == 200
            said = await notes(stage)
            await stage.advance(minutes=5)

            assert NOTE not in "".join(said)
            assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")


async def test_an_altered_duplicate_is_judged_anew(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, tran_id = await stage.opened()
            ipn = stage.gateway.pay(tran_id)
            await stage.ipn(session_id, ipn)
            another, _ = await stage.opened()
            forged = await stage.ipn(session_id, ipn | {"amount": "1.00"})
            elsewhere = await stage.ipn(another, ipn)
            unknown = await stage.ipn("ses_unknown", ipn)

    assert [answer.status_code for answer in (forged, elsewhere, unknown)] == [400, 400, 404]


async def test_what_another_store_left_there_is_not_believed(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            session_id, tran_id = await stage.opened()
            await stage.ipn(session_id, stage.gateway.pay(tran_id))
            ipn = stage.gateway.pay(tran_id)
            await stage.server.control.reset()
            after_reset = [await stage.ipn(session_id, ipn), await stage.client.post(f"/payment/success/{session_id}")]
        async with staged(with_redis(redis)) as stage:
            of_another = [await stage.ipn(session_id, ipn), await stage.client.post(f"/payment/success/{session_id}")]

    assert [answer.status_code for answer in (*after_reset, *of_another)] == [404] * 4


@pytest.mark.parametrize("ups", [(True, False, True), (False, True, False), (False, False, True), (True, True, False)])
async def test_a_redis_that_goes_and_comes_changes_nothing_that_anybody_sees(
    tmp_path: Path, ups: tuple[bool, ...]
) -> None:
    with redis_server(tmp_path) as redis:
        async with staged(with_redis(redis)) as stage:
            for point, is_up in enumerate(ups):
                redis.be(is_up)
                session_id, tran_id = await stage.opened()
                ipn = stage.gateway.pay(tran_id)
                answers = [(await stage.ipn(session_id, ipn)).text for _ in range(3)]
                returned = await stage.client.post(f"/payment/success/{session_id}")
                await stage.quiesce()

                assert answers == ["recorded"] * 3
                assert returned.headers["location"] == f"http://shop.test/orders/{session_id}"
                assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
                assert stage.gateway.calls["validateOrder"] == point + 1
        assert sorted(stage.sink.effects.values()) == [1] * len(ups)


class WallClock(Clock):
    """The machine's instant as a test has it."""

    instant = datetime(2030, 1, 1, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.instant


async def test_a_redis_that_came_back_is_asked_again_after_a_rest(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        clock = WallClock(Activity())
        fast = FastPath(redis.url, clock)
        fast.installation = "here"
        redis.stop()
        await fast.remember_session(FACTS, life=timedelta(minutes=15))
        redis.start()
        await fast.remember_session(FACTS, life=timedelta(minutes=15))
        resting = await fast.find_session(SESSION)
        clock.instant += timedelta(seconds=5)
        await fast.remember_session(FACTS, life=timedelta(minutes=15))
        found = [await fast.find_session(SESSION), await fast.find_session(SessionId("ses_2"))]
        await fast.close()

    assert resting is None
    assert found == [FACTS, None]


@asynccontextmanager
async def rooms_on(url: str) -> AsyncGenerator[tuple[Rooms, str]]:
    """A process of several: its rooms, and where its sockets listen. All of them know the session T1."""

    async def look(wanted: Wanted) -> Present | None:
        return Present(SESSION, "T1", "VALIDATED", "CAPTURED") if wanted.session_id == SESSION else None

    clock = Clock(Activity())
    fast = FastPath(url, clock)
    rooms = Rooms(clock, messages=Messages(REALTIME), look=look, terms=RoomTerms(True, True), shared=fast)
    await rooms.start()
    try:
        async with listening(Doorway(rooms, is_origin=lambda _: False, sockets_max=10, per_address_max=10)) as address:
            yield rooms, address
    finally:
        await rooms.stop()
        await fast.close()


async def tell_until_heard(tell: Callable[[], None], follower: Follower) -> None:
    """Tell again and again, since nobody knows when the other process listens again."""
    async with asyncio.timeout(HEARD_SECONDS_MAX):
        while "SUCCESS" not in {body["status"] for body in follower.told}:
            tell()
            with suppress(TimeoutError):
                await asyncio.wait_for(follower.statuses(len(follower.told) + 1), AGAIN_SECONDS)


async def test_processes_share_rooms_and_do_so_again_after_redis_was_away(tmp_path: Path) -> None:
    news = [StatusNews(SESSION, "T1", "SUCCESS")]
    with redis_server(tmp_path) as redis:
        async with rooms_on(redis.url) as (here, _), rooms_on(redis.url) as (there, address):
            follower = await Follower.connect(address)
            await follower.join(SESSION)
            await tell_until_heard(lambda: here.announce(news), follower)
            redis.stop()
            follower.told.clear()
            there.announce(news)
            alone = await follower.statuses(1)
            redis.start()
            follower.told.clear()
            # What was said meanwhile nobody heard: how it stands is looked up, and told without anybody's asking.
            while "VALIDATED" not in {body["status"] for body in follower.told}:
                await follower.statuses(len(follower.told) + 1)
            await tell_until_heard(lambda: here.announce(news), follower)
            await follower.client.disconnect()

    assert alone == ["SUCCESS"]
    told_again = next(body for body in follower.told if body["status"] == "VALIDATED")
    assert set(map(str, told_again.values())) == {SESSION, "T1", "VALIDATED"}


async def test_who_joins_a_process_that_has_just_begun_to_listen_is_told_nothing_twice(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        async with rooms_on(redis.url) as (rooms, address):
            with redis.client() as client:
                # In milliseconds: a join takes a few.
                client.client_pause(100)
            follower = await Follower.connect(address)
            await follower.join(SESSION)
            while not await heard_by(redis):
                pass
            rooms.announce([StatusNews(SESSION, "T1", "SUCCESS")])
            await follower.statuses(1)
            # Its answer comes after whatever is told of the first.
            await follower.join(SESSION)
            await follower.client.disconnect()

    assert [body["status"] for body in follower.told] == ["SUCCESS"]


async def heard_by(redis: RedisServer) -> int:
    """Say how many processes listen."""
    await asyncio.sleep(0)
    with redis.client() as client:
        return int(client.pubsub_numsub(CHANNEL)[0][1])
