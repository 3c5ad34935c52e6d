"""The played delivery system: every call counted, one effect for each key."""

import httpx
import pytest

from tests.simulators.stands import NO_SETTINGS, Json, Stand, open_stand

CALL = {"key": "K-1", "order": "A-1", "amount": "10.00", "currency": "BDT", "customer": {"name": "R"}, "items": None}


async def provision(stand: Stand, account: str = "default", **changed: Json) -> httpx.Response:
    body = {name: value for name, value in {**CALL, **changed}.items() if value != ""}
    key = str(changed.get("header", body.get("key", "")))
    body.pop("header", None)
    url = f"{stand.urls['merchant']}/{account}/provision"
    return await stand.client.post(url, json=body, headers={"idempotency-key": key})


async def effects(stand: Stand) -> list[tuple[str, str, int, int]]:
    told = (await stand.control("GET", "/effects"))["effects"]
    return [(one["key"], one["order"], one["calls"], one["done"]) for one in told]


async def test_one_key_is_delivered_once_and_answered_the_same() -> None:
    async with open_stand() as stand:
        answers = [(await provision(stand)).json() for _ in range(3)]
        other = (await provision(stand, key="K-2")).json()
        assert answers[0]["licence"].startswith("LIC-")
        assert answers == [answers[0]] * 3
        assert other != answers[0]
        assert await effects(stand) == [("K-1", "A-1", 3, 1), ("K-2", "A-1", 1, 1)]


@pytest.mark.parametrize(("fault", "done"), [("reset_before_work", 0), ("reset_after_work", 1)])
async def test_a_call_that_was_cut_off_still_counts(fault: str, done: int) -> None:
    async with open_stand() as stand:
        rule: Json = {
            "when": {"gateway": "merchant", "operation": "provision", "nth": 1},
            "faults": [{fault: NO_SETTINGS}],
        }
        await stand.control("POST", "/faults", body=rule)
        with pytest.raises(httpx.ReadError):
            await provision(stand)
        assert await effects(stand) == [("K-1", "A-1", 1, done)]
        assert (await provision(stand)).status_code == 200
        assert await effects(stand) == [("K-1", "A-1", 2, 1)]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"amount": "ten"}, 422),
        ({"order": ""}, 422),
        ({"key": "", "header": "K-1"}, 422),
        ({"header": "K-9"}, 422),
        ({"account": "nobody"}, 404),
        ({"account": "Nobody"}, 404),
    ],
)
async def test_a_call_that_breaks_the_document_delivers_nothing(changed: Json, status: int) -> None:
    async with open_stand() as stand:
        answer = await provision(stand, **changed)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert [done for *_, done in await effects(stand)] in ([], [0])


async def test_a_body_that_is_no_object_is_refused() -> None:
    async with open_stand() as stand:
        url = f"{stand.urls['merchant']}/default/provision"
        answer = await stand.client.post(url, json=[1], headers={"idempotency-key": "K"})
        assert (answer.status_code, await effects(stand)) == (422, [])


async def test_the_journal_tells_a_delivery_as_provisioning_of_its_order() -> None:
    async with open_stand() as stand:
        await provision(stand)
        [told] = await stand.journal()
        seen = [told[name] for name in ("kind", "operation", "from", "to", "subject")]
        assert seen == ["provisioning", "provision", "merchant", "provisioning", "A-1"]
