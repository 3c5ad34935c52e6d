"""A reset forgets, and what was under way then brings nothing of the old world into the new one."""

import asyncio

from tests.simulators.stands import Receiver, open_stand, served, until


async def test_a_send_that_fails_after_a_reset_is_not_tried_again() -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def hold(fields: dict[str, str]) -> None:
        asked.set()
        await may_answer.wait()

    receiver = Receiver(status=500, meanwhile=hold)
    async with served(receiver) as shop, open_stand() as stand:
        opening = {"name": "mine", "settings": {"sslcommerz": {"ipn_retries": 3}}}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        await stand.open_session(**store, ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/shopper", account="mine", body={"action": "pay", "order": "ORDER-1"})
        await stand.control("POST", "/clock/run", account="mine")
        await asked.wait()
        await stand.control("POST", "/reset", account="mine")
        may_answer.set()
        account = stand.side.accounts.get("mine")
        await until(lambda: account.activity.snapshot().is_calm)
        assert (await stand.control("GET", "/due", account="mine"))["due"] == []


async def test_a_seed_repeated_without_a_reset_gives_out_no_id_twice() -> None:
    async with open_stand() as stand:
        keys: list[str] = []
        for number in range(3):
            await stand.control("PUT", "/seed", body={"seed": 5})
            keys.append((await stand.open_session(tran_id=f"ORDER-{number}"))["sessionkey"])
        assert len(set(keys)) == 3
        await stand.control("POST", "/reset")
        assert (await stand.open_session())["sessionkey"] == keys[0]
