"""One seed gives the same bytes: in one loop, over real sockets, also when fifty duplicates come at one instant."""

import asyncio
import itertools
import json

from contracts.binding import Receive, Scope, Send
from tests.counts import large
from tests.simulators.stands import Json, Stand, open_stand, served


class Confirming:
    """A merchant that validates each IPN before it answers, as an honest one does."""

    def __init__(self) -> None:
        self.stand: Stand | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        body = bytes(message["body"]).decode()
        val_id = body.partition("val_id=")[2].partition("&")[0]
        assert self.stand is not None
        answer = await self.stand.validate(val_id)
        told = answer["status"].encode()
        headers = [(b"content-length", str(len(told)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})


async def journal_of_a_run() -> bytes:
    merchant = Confirming()
    async with served(merchant) as shop:
        peers = {"http://shop.test": shop.removeprefix("http://")}
        async with open_stand(peers=peers, base_urls={"sslcommerz": "http://sslcommerz.test"}) as stand:
            merchant.stand = stand
            stand.client.headers["host"] = "sslcommerz.test"
            del stand.client.headers["user-agent"]
            account = stand.side.accounts.get("default")
            await stand.open_session(ipn_url="http://shop.test/ipn")
            stand.client.headers["host"] = "127.0.0.1"
            rule = {"faults": [{"late": {"by_seconds": 3600}}, {"duplicate": {"copies": 50, "at_once": True}}]}
            await stand.control("POST", "/faults", body=rule)
            await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
            stand.client.headers["host"] = "sslcommerz.test"
            advanced = await account.timekeeper.advance(account.clock.now().replace(hour=2))
            assert advanced.because is None
            stand.client.headers["host"] = "127.0.0.1"
            return json.dumps(await stand.journal(), sort_keys=True).encode()


async def test_fifty_duplicates_at_one_instant_give_the_same_journal_each_run() -> None:
    journals = {await journal_of_a_run() for _ in range(large(200))}
    assert len(journals) == 1
    told: list[Json] = json.loads(journals.pop())
    sent = [one for one in told if one["operation"] == "ipn"]
    assert [one["faults"][1] for one in sent] == [f"duplicate {number} of 50" for number in range(1, 51)]
    assert {one["at"] for one in sent} == {"2030-01-01T01:00:00.000000Z"}
    assert sorted(one["answer"]["body"] for one in sent) == ["VALID", *["VALIDATED"] * 49]
    # Released together: all are under way before the first is answered.
    assert max(one["order"] for one in sent) < min(one["ended_order"] for one in sent)


async def test_two_sides_that_count_apart_still_draw_the_same_ids() -> None:
    keys: list[str] = []
    for _ in range(2):
        async with open_stand() as stand:
            keys += [(await stand.open_session(tran_id=f"A-{number}"))["sessionkey"] for number in range(3)]
    assert keys[:3] == keys[3:]
    assert len(set(itertools.islice(keys, 3))) == 3
    await asyncio.sleep(0)
