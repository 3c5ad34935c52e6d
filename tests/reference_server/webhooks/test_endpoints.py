"""Endpoints over the API: whom they may lead to, whose they are, and what a rotation of their secret loses: nothing."""

from typing import Any

import pytest
from sqlmodel import Session
from standardwebhooks.webhooks import Webhook

from reference_server.settings import Environment
from reference_server.tables import forget_orders
from tests.reference_server.stage import API_KEY, API_SECRET
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, OTHER_URL, Taken, hooked


def believes(secret: str, taken: Taken) -> bool:
    """Say whether a receiver that has this secret believes what came; the stamp's age is another test's matter."""
    webhook = Webhook(secret)
    stamp = int(taken.headers["webhook-timestamp"])
    moment = HOOKS.clock_start.fromtimestamp(stamp, HOOKS.clock_start.tzinfo)
    signed = webhook.sign(taken.headers["webhook-id"], moment, taken.body.decode())
    return signed in taken.headers["webhook-signature"].split(" ")


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://169.254.169.254/", "http://u:p@hooks.test/", "http://[::ffff:10.0.0.1]/", "x" * 9],
)
async def test_an_address_inside_is_refused_at_registration_and_at_update(url: str) -> None:
    async with hooked() as world:
        refused = await world.stage.ask("/api/v1/endpoints", {"url": url})
        assert (refused.status_code, refused.json()["violations"][0]["pointer"]) == (400, "/url")
        endpoint = await world.endpoint()
        assert (await world.change(endpoint, url=url)).status_code == 400
        assert (await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}")).json()["url"] == HOOK_URL


async def test_production_wants_https_and_its_port_even_of_this_machine() -> None:
    settings = HOOKS.model_copy(update={"environment": Environment.PRODUCTION, "control": False})
    async with hooked(settings) as world:
        headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
        for url in ("http://shop.example/", "https://shop.example:8080/", "https://127.0.0.1/"):
            body = {"url": url}
            answer = await world.stage.client.post("https://server.test/api/v1/endpoints", json=body, headers=headers)
            assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (400, "/url")


async def test_another_merchants_endpoints_and_webhooks_look_like_none() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        await world.stage.paid()
        (delivery,) = await world.deliveries()
        registered = await world.stage.client.post("/api/v1/merchants", json={"email": "other@shop.example"})
        other = {"x-api-key": registered.json()["api_key"], "x-api-secret": registered.json()["api_secret"]}

        async def ask(method: str, path: str, body: Any = None) -> bytes:
            answer = await world.stage.client.request(method, path, headers=other, json=body)
            assert answer.status_code == 404, path
            return answer.content

        for method, rest, body in (("GET", "", None), ("PATCH", "", {"enabled": False}), ("POST", "/test", None)):
            told = [await ask(method, f"/api/v1/endpoints/{it}{rest}", body) for it in (endpoint["id"], "ep_none")]
            assert told[0] == told[1]
        for method, rest in (("GET", ""), ("POST", "/retry")):
            told = [await ask(method, f"/api/v1/webhooks/{it}{rest}") for it in (delivery["id"], "whd_none")]
            assert told[0] == told[1]
        listed = await world.stage.client.get("/api/v1/webhooks", headers=other)
        assert listed.json()["items"] == []


async def test_a_rotation_between_attempts_loses_nothing_and_ends_the_old_secret() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        endpoint = await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(minutes=1)
        rotated = await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/secret", {"overlap_seconds": 3600})
        old, new = endpoint["secret"], rotated.json()["secret"]
        await world.stage.advance(hours=5)
        told = [(believes(old, one), believes(new, one)) for one in world.hook.taken]
        assert told == [(True, False), (True, False), (True, True), (True, True), (False, True)]
        assert "x-webhook-signature-previous" in world.hook.taken[3].headers
        assert "x-webhook-signature-previous" not in world.hook.taken[4].headers


async def test_a_rotation_after_a_leak_ends_the_old_secret_at_once_and_a_fourth_one_the_first() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        secrets = [endpoint["secret"]]
        for overlap in (3600, 3600, 3600):
            answer = await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/secret", {"overlap_seconds": overlap})
            secrets.append(answer.json()["secret"])
        await world.stage.paid()
        assert [believes(secret, world.hook.taken[0]) for secret in secrets] == [False, True, True, True]
        await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/secret", {"overlap_seconds": 0})
        await world.stage.paid()
        assert not any(believes(secret, world.hook.taken[1]) for secret in secrets)


async def test_no_answer_but_the_first_shows_a_secret_and_the_journal_shows_none() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        await world.stage.paid()
        for path in ("/api/v1/endpoints", f"/api/v1/endpoints/{endpoint['id']}", "/api/v1/webhooks"):
            assert endpoint["secret"] not in (await world.stage.ask(path)).text
        assert endpoint["secret"] not in repr(world.stage.server.journal.read())


async def test_a_merchant_has_at_most_ten_endpoints() -> None:
    async with hooked() as world:
        for _ in range(10):
            await world.endpoint(OTHER_URL)
        assert (await world.stage.ask("/api/v1/endpoints", {"url": OTHER_URL})).status_code == 409


async def test_lists_are_cut_and_filtered() -> None:
    async with hooked() as world:
        await world.endpoint()
        await world.endpoint(OTHER_URL)
        sessions = [await world.stage.paid() for _ in range(3)]
        assert len(await world.deliveries("?limit=100")) == 6
        assert len(await world.deliveries("?limit=4&offset=4")) == 2
        assert await world.deliveries("?status=failed") == []
        assert len(await world.deliveries("?event=payment.success&from=2030-01-01T00:00:00Z")) == 6
        assert await world.deliveries("?to=2030-01-01T00:00:00Z") == []
        payment = world.hook.taken[0].told["payment_id"]
        assert {one["payload"]["payment_id"] for one in await world.deliveries(f"?payment_id={payment}")} == {payment}
        assert (await world.stage.ask("/api/v1/webhooks?limit=0")).status_code == 400
        assert (await world.stage.ask("/api/v1/webhooks?from=yesterday")).status_code == 400
        assert len(sessions) == 3


async def test_one_idempotency_key_is_one_endpoint_and_one_test_event() -> None:
    async with hooked() as world:
        headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "idempotency-key": "once"}
        made = [
            await world.stage.client.post("/api/v1/endpoints", json={"url": HOOK_URL}, headers=headers)
            for _ in range(2)
        ]
        assert made[0].content == made[1].content
        path = f"/api/v1/endpoints/{made[0].json()['id']}/test"
        sent = [await world.stage.client.post(path, headers=headers | {"idempotency-key": "test"}) for _ in range(2)]
        await world.stage.quiesce()
        assert (sent[0].content == sent[1].content, len(world.hook.taken)) == (True, 1)


async def test_forgetting_orders_takes_their_webhooks_along_and_leaves_the_endpoint() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        await world.endpoint()
        await world.stage.paid()

        def forget(session: Session) -> None:
            forget_orders(session, None)

        await world.stage.server.database.run(forget)
        await world.stage.advance(days=1)
        assert (await world.deliveries(), len(world.hook.taken)) == ([], 1)
        await world.stage.paid()
        assert len(world.hook.taken) == 2
