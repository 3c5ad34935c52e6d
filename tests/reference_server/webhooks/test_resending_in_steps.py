"""A span of any size is resent wholly, in bounded steps: each of it once, whatever happens between the steps."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, insert, select

from reference_server.apis.payments.webhooks import RESENT_MAX
from reference_server.webhooks.lifecycle import DeliveryState
from reference_server.webhooks.model import Delivery, DeliveryAttempt, Endpoint, EventKind, WebhookEvent
from tests.reference_server.stage import API_KEY, API_SECRET, START, Stage
from tests.reference_server.webhooks.receiving import HOOKS, OTHER_URL, hooked

SPAN = {"from": "2029-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "status": "success"}
MADE = RESENT_MAX + 50


def made_at(number: int) -> datetime:
    # Three of each instant, so that a step ends among some of one.
    return START - timedelta(hours=1) + timedelta(milliseconds=number // 3)


def bring_forth(session: Session) -> None:
    """Store what was delivered before."""
    endpoint = session.exec(select(Endpoint)).one()
    of = {"merchant_id": endpoint.merchant_id, "kind": EventKind.PAYMENT_SUCCESS.value}
    names = [(f"{number:04d}", made_at(number)) for number in range(MADE)]
    told = [{"id": f"evt_{name}", "sequence": 1, "at": at, "body": b"{}", **of} for name, at in names]
    session.connection().execute(insert(WebhookEvent), told)
    ended = {"state": DeliveryState.DELIVERED, "endpoint_id": endpoint.id, **of}
    # Ids that sort the other way round than they were made.
    rows = [{"id": f"whd_{9999 - int(name)}", "event_id": f"evt_{name}", "created_at": at} for name, at in names]
    session.connection().execute(insert(Delivery), [row | ended for row in rows])


def series(session: Session) -> Counter[int]:
    """Return how many deliveries have been begun how often."""
    return Counter(session.exec(select(Delivery.series)))


async def step(stage: Stage, key: str, **more: Any) -> httpx.Response:
    headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "idempotency-key": key}
    return await stage.client.post("/api/v1/webhooks/resend", json=SPAN | more, headers=headers)


def following(told: dict[str, Any]) -> dict[str, str]:
    return {"after": told["next"]} if told["next"] else {}


async def test_a_span_of_delivered_ones_is_resent_once_each_though_they_are_delivered_again_meanwhile() -> None:
    async with hooked() as world:
        await world.endpoint()
        await world.stage.server.database.run(bring_forth)
        first = (await step(world.stage, "1")).json()
        assert (first["resent"], first["has_more"]) == (RESENT_MAX, True)
        await world.stage.advance(minutes=1)
        assert Counter(one.headers["webhook-id"] for one in world.hook.taken).most_common(1)[0][1] == 1
        last = (await step(world.stage, "2", **following(first))).json()
        assert last == {"resent": 50, "has_more": False, "next": None}
        await world.stage.advance(minutes=1)
        assert await world.stage.server.database.read(series) == {2: MADE}
        assert len(world.hook.taken) == len({one.headers["webhook-id"] for one in world.hook.taken}) == MADE


async def test_a_step_whose_answer_was_lost_with_the_server_is_answered_again_and_brings_nothing(
    tmp_path: Path,
) -> None:
    settings = HOOKS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/server.db"})
    async with hooked(settings) as world:
        await world.endpoint()
        await world.stage.server.database.run(bring_forth)
        first = (await step(world.stage, "1")).json()
    async with hooked(settings) as world:
        await world.stage.advance(minutes=1)
        again = await step(world.stage, "1")
        assert (again.json(), again.headers["idempotent-replayed"]) == (first, "true")
        assert (await step(world.stage, "2", **following(first))).json()["resent"] == 50
        await world.stage.advance(minutes=1)
        assert await world.stage.server.database.read(series) == {2: MADE}


def take_away(session: Session) -> None:
    """Purge the oldest, the last of the first step among them."""
    gone = select(Delivery.number).where(col(Delivery.created_at) <= made_at(RESENT_MAX - 1))
    numbers: Iterator[Any] = iter(session.exec(gone).all())
    for number in numbers:
        for attempt in session.exec(select(DeliveryAttempt).where(DeliveryAttempt.delivery_number == number)):
            session.delete(attempt)
        session.flush()
        session.delete(session.get_one(Delivery, number))


async def test_a_span_whose_beginning_is_purged_meanwhile_goes_on_where_it_was() -> None:
    async with hooked() as world:
        await world.endpoint()
        await world.stage.server.database.run(bring_forth)
        first = (await step(world.stage, "1")).json()
        await world.stage.server.database.run(take_away)
        assert (await step(world.stage, "2", **following(first))).json()["resent"] == MADE - RESENT_MAX - 2


@pytest.mark.parametrize("after", ["", "x", "1-", "-whd_1", "99999999999999999-whd_1", "1-whd_1\n", "\uff11-whd_1"])
async def test_what_was_never_a_place_is_refused(after: str) -> None:
    async with hooked() as world:
        refused = await step(world.stage, "1", after=after)
        assert (refused.status_code, refused.json()["violations"][0]["pointer"]) == (400, "/after")


async def test_a_place_of_another_merchant_tells_nothing() -> None:
    async with hooked() as world:
        await world.endpoint(OTHER_URL)
        await world.stage.server.database.run(bring_forth)
        # Nobody's delivery: what was made at that very instant cannot be told apart.
        told = await step(world.stage, "1", after=f"{int(made_at(3).timestamp() * 1_000_000)}-whd_nobodys")
        assert told.json()["resent"] == RESENT_MAX
