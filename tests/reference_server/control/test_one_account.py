"""What the control plane does to one account leaves the others as they are, and what it refuses changes nothing."""

from typing import Any

import pytest

from tests.reference_server.stage import Stage, staged

BARE = {"name": "shop-2"}


async def ask(stage: Stage, method: str, path: str, **more: Any) -> Any:
    answer = await stage.client.request(method, f"/_control/{path}", **more)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def operations(stage: Stage) -> list[str]:
    return [exchange["operation"] for exchange in (await ask(stage, "GET", "journal"))["exchanges"]]


@pytest.mark.parametrize("path", ["seed", "seed?account=default"])
async def test_a_seed_that_is_set_twice_names_no_order_twice(path: str) -> None:
    async with staged() as stage:
        answers: list[Any] = []
        for _ in range(3):
            await ask(stage, "PUT", path, json={"seed": 5})
            answers.append(await stage.init())
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({answer.json()["tran_id"] for answer in answers}) == 3


async def test_a_refused_account_leaves_the_seed_of_its_namesake_alone() -> None:
    async with staged() as stage, staged() as undisturbed:
        answer = await stage.client.post("/_control/accounts", json={"name": "default", "seed": 99})
        assert answer.status_code == 409
        assert await stage.opened() == await undisturbed.opened()


async def test_an_opened_account_draws_from_its_seed_from_then_on() -> None:
    async with staged() as one, staged() as other:
        secrets = [await ask(stage, "POST", "accounts", json=BARE | {"seed": 5}) for stage in (one, other)]
        assert secrets[0] == secrets[1]
        unseeded = await ask(one, "POST", "accounts", json={"name": "shop-3"})
        assert unseeded["credentials"] != secrets[0]["credentials"]


@pytest.mark.parametrize(("method", "path"), [("POST", "reset"), ("DELETE", "journal")])
async def test_the_exchanges_of_other_accounts_stay_when_one_accounts_are_forgotten(method: str, path: str) -> None:
    async with staged() as stage:
        await ask(stage, "POST", "accounts", json=BARE)
        await stage.paid()
        seen = await operations(stage)
        await ask(stage, method, f"{path}?account=shop-2")
        assert await operations(stage) == seen
        await ask(stage, method, f"{path}?account=default")
        assert await operations(stage) == []


async def test_the_secrets_of_every_account_are_blanked_in_whatever_shape_they_come() -> None:
    async with staged() as stage:
        api = (await ask(stage, "POST", "accounts", json=BARE))["credentials"]["api"]
        for secret in (api["secret"], "qwerty", "sec_test"):
            await stage.client.get(f"/payment/status/{secret}", headers={"referer": f"http://a.test/?p={secret}"})
            told = str(await ask(stage, "GET", "journal"))
            assert (secret in told, "***" in told) == (False, True)


async def test_a_call_that_only_our_own_clock_can_end_does_not_hold_up_an_advance() -> None:
    async with staged() as stage:
        stage.sink.script = ["hang"]
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        told = await ask(stage, "POST", "clock/advance", json={"by_seconds": 3600})
        assert (told["quiet"], told["now"]) == (True, "2030-01-01T01:00:00.000000Z")
        assert "limit of provision" in [due["name"] for due in told["ran"]]
        assert (await stage.status(session_id))["fulfilment"] == "DONE"
