"""Webhooks from the change to the receiver: what is sent, when it is tried again, and when it stops (catalogue H)."""

import hmac
from datetime import timedelta
from hashlib import sha256

import pytest

from contracts.binding import Document
from reference_server.documents import OPENAPI
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, OTHER_URL, hooked

DAY = 24 * 3600


async def test_a_payment_and_its_refund_are_told_with_the_words_of_the_document() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        session_id, _ = await world.stage.paid(tran_id="SHOP-1")
        await world.stage.refund(session_id, amount="20.00")
        await world.stage.advance(minutes=10)
        paid, refunded = world.hook.taken
        assert (paid.told["event"], paid.told["status"], paid.told["amount"]) == ("payment.success", "success", 10050)
        assert (refunded.told["event"], refunded.told["status"]) == ("refund.processed", "processed")
        assert [one.told["sequence"] for one in world.hook.taken] == [1, 2]
        document = Document.load(OPENAPI)
        for one in world.hook.taken:
            webhook = document.webhook(one.told["event"])
            assert webhook.violations(one.headers, one.headers["content-type"], one.body) == ()
            expected = hmac.new(endpoint["secret"].encode(), one.body, sha256).hexdigest()
            assert one.headers["x-webhook-signature"] == expected


async def test_a_payment_that_fails_is_told_as_failed() -> None:
    async with hooked() as world:
        await world.endpoint()
        await world.stage.opened()
        await world.stage.advance(hours=1)
        (failed,) = world.hook.taken
        assert (failed.told["event"], failed.told["status"]) == ("payment.failed", "failed")


async def test_without_an_endpoint_nothing_is_sent_or_listed() -> None:
    async with hooked() as world:
        await world.stage.paid()
        assert await world.deliveries() == []


async def test_an_endpoint_hears_only_of_what_it_asked_for() -> None:
    async with hooked() as world:
        await world.endpoint(events=["refund.processed"])
        await world.endpoint(OTHER_URL)
        await world.stage.paid()
        assert (len(world.hook.taken), len(world.other.taken)) == (0, 1)


async def test_five_attempts_at_the_documents_times_and_then_none() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(days=3)
        assert world.hook.seconds == [0, 60, 360, 2160, 9360]
        assert len({one.body for one in world.hook.taken}) == 1
        assert len({one.headers["webhook-id"] for one in world.hook.taken}) == 1
        stamps = [int(one.headers["webhook-timestamp"]) for one in world.hook.taken]
        assert [stamp - stamps[0] for stamp in stamps] == world.hook.seconds
        delivery = await world.delivery()
        assert (delivery["status"], delivery["attempts"], delivery["response_code"]) == ("failed", 5, 500)
        assert (delivery["next_retry_at"], len(delivery["delivery_attempts"])) == (None, 5)


async def test_the_customers_test_intervals_are_seconds() -> None:
    async with hooked(HOOKS.model_copy(update={"webhook_retry_intervals_test": True})) as world:
        world.hook.script = [500]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(hours=3)
        assert world.hook.seconds == [0, 5, 15, 30, 50]


@pytest.mark.parametrize("failures", [0, 1, 2, 3, 4])
async def test_success_at_any_attempt_ends_the_schedule(failures: int) -> None:
    async with hooked() as world:
        world.hook.script = [*[503] * failures, 204]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(days=1)
        delivery = await world.delivery()
        assert (delivery["status"], delivery["attempts"], len(world.hook.taken)) == (
            "success",
            failures + 1,
            failures + 1,
        )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((200, "success"), (202, "success"), (204, "success"), (299, "success")),
        *((300, "pending"), (301, "pending"), (302, "pending"), (404, "pending"), (503, "pending")),
    ],
)
async def test_any_2xx_and_nothing_else_is_success(code: int, status: str) -> None:
    async with hooked() as world:
        world.hook.script = [(code, {"location": OTHER_URL})]
        await world.endpoint()
        await world.stage.paid()
        assert (await world.delivery())["status"] == status
        assert world.other.taken == []


async def test_silence_ends_after_five_seconds_and_counts_as_an_attempt() -> None:
    async with hooked() as world:
        world.hook.script = ["hang", 200]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(minutes=2)
        delivery = await world.delivery()
        first, second = delivery["delivery_attempts"]
        assert (first["ended"], first["response_code"], second["response_code"]) == ("timed_out", None, 200)
        assert world.hook.seconds == [0, 60]


@pytest.mark.parametrize(
    ("said", "second"),
    [("30", 60), ("600", 600), ("999999999999999999", 7200), ("-5", 60), ("soon", 60), ("0", 60)],
)
async def test_retry_after_is_kept_within_reason(said: str, second: float) -> None:
    async with hooked() as world:
        world.hook.script = [(503, {"retry-after": said}), 200]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(days=1)
        assert world.hook.seconds == [0, second]


async def test_one_endpoint_that_hangs_delays_no_other() -> None:
    async with hooked() as world:
        world.hook.script = ["hang"]
        await world.endpoint()
        await world.endpoint(OTHER_URL)
        for _ in range(3):
            session_id, tran_id = await world.stage.opened()
            await world.stage.ipn(session_id, world.stage.gateway.pay(tran_id))
        await world.stage.quiesce()
        assert len(world.other.taken) == 3
        assert all(one.at == world.stage.server.timekeeper.clock.now() for one in world.other.taken)


async def test_410_disables_and_what_happens_meanwhile_is_listed_and_comes_by_a_resend() -> None:
    async with hooked() as world:
        world.hook.script = [410]
        endpoint = await world.endpoint()
        await world.stage.paid()
        await world.stage.paid()
        assert len(world.hook.taken) == 1
        read = (await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}")).json()
        assert (read["enabled"], read["disabled_because"]) == (False, "gone")
        assert [one["status"] for one in await world.deliveries("?status=failed")] == ["failed", "failed"]
        world.hook.script = [200]
        assert (await world.change(endpoint, enabled=True)).json()["enabled"] is True
        span = {"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"}
        answer = await world.stage.ask("/api/v1/webhooks/resend", span)
        assert (answer.status_code, answer.json()) == (202, {"resent": 2, "has_more": False, "next": None})
        await world.stage.quiesce()
        ids = {one.told["id"] for one in world.hook.taken}
        assert (len(world.hook.taken), len(ids)) == (3, 2)
        assert {one["status"] for one in await world.deliveries()} == {"success"}


async def test_a_day_in_which_nothing_arrives_disables_and_a_pause_begins_it_anew() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        endpoint = await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(days=3)
        for _ in range(5):
            await world.stage.paid()
            await world.stage.advance(hours=6)
        read = (await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}")).json()
        assert (read["enabled"], read["disabled_because"]) == (False, "failing")
        # Three days without an attempt count for nothing: 24 hours after the first of the second spell.
        assert world.hook.seconds[-1] == timedelta(days=4).total_seconds()


async def test_retry_begins_at_zero_and_keeps_what_was_tried() -> None:
    async with hooked() as world:
        world.hook.script = [*[500] * 5, 200]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(days=1)
        failed = await world.delivery()
        answer = await world.stage.ask(f"/api/v1/webhooks/{failed['id']}/retry", {})
        assert (answer.status_code, answer.json()["status"], answer.json()["attempts"]) == (202, "pending", 0)
        await world.stage.quiesce()
        again = await world.delivery()
        assert (again["status"], again["attempts"], len(again["delivery_attempts"])) == ("success", 1, 6)
        assert [one["series"] for one in again["delivery_attempts"]] == [1] * 5 + [2]
        assert len({one.headers["webhook-id"] for one in world.hook.taken}) == 1


async def test_an_attempt_under_way_when_somebody_retries_moves_nothing_any_more() -> None:
    async with hooked() as world:
        world.hook.script = ["hang", 200]
        await world.endpoint()
        await world.stage.paid()
        (listed,) = await world.deliveries()
        await world.stage.ask(f"/api/v1/webhooks/{listed['id']}/retry", {})
        await world.stage.advance(seconds=10)
        delivery = await world.delivery()
        assert (delivery["status"], delivery["attempts"]) == ("success", 1)
        assert [one["ended"] for one in delivery["delivery_attempts"]] == ["timed_out", "answered"]


async def test_a_removed_endpoint_is_sent_nothing_and_its_webhooks_stay_listed() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        endpoint = await world.endpoint()
        await world.stage.paid()
        headers = {"x-api-key": "key_test", "x-api-secret": "sec_test"}
        answer = await world.stage.client.delete(f"/api/v1/endpoints/{endpoint['id']}", headers=headers)
        assert answer.status_code == 204
        await world.stage.advance(days=1)
        await world.stage.paid()
        assert len(world.hook.taken) == 1
        (listed,) = await world.deliveries()
        assert (listed["status"], listed["ended"]) == ("failed", "endpoint_removed")
        assert (await world.stage.ask(f"/api/v1/webhooks/{listed['id']}/retry", {})).status_code == 409
        assert (await world.stage.ask("/api/v1/endpoints")).json() == {"items": []}


async def test_a_test_event_is_signed_and_says_that_it_is_one() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        answer = await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/test", {})
        assert answer.status_code == 201
        await world.stage.quiesce()
        (taken,) = world.hook.taken
        assert taken.told["test"] is True
        assert taken.told == answer.json()["payload"]
        await world.change(endpoint, enabled=False)
        assert (await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/test", {})).status_code == 409
        assert endpoint["url"] == HOOK_URL
