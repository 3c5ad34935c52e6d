"""Health, readiness, the queues and the metrics, as operators, balancers and merchants ask for them."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from reference_server.settings import Environment, Settings
from tests.reference_server.stage import API_SECRET, SETTINGS, Stage, staged

TOKEN = "a token of twenty letters"
# Nobody listens on this port.
DEAD_REDIS = SecretStr("redis://:hunter2@127.0.0.1:1/0")
PRODUCTION = SETTINGS.model_copy(
    update={"environment": Environment.PRODUCTION, "control": False, "require_https": False, "test_mode": False}
)
NOT_THERE = "/api/v1/test/jobs/nothing"


async def metrics(stage: Stage, host: str = "127.0.0.1", **headers: str) -> httpx.Response:
    """Ask from this machine, under a name of its own."""
    return await stage.client.get(f"http://{host}/metrics", headers=headers)


def redis_of(stage: Stage) -> str:
    """Return how a Redis is that does well: there is one beside PostgreSQL, and none beside SQLite."""
    return "ok" if stage.server.database.is_shared else "unused"


async def test_a_well_system_says_so() -> None:
    async with staged() as stage:
        answer = await stage.client.get("/health")
        ready, live = await stage.client.get("/health/ready"), await stage.client.get("/health/live")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {"status": "ok", "database": "ok", "redis": redis_of(stage), "worker": "ok"}
    assert (ready.status_code, ready.json(), live.json()) == (200, {"status": "ready"}, {"status": "alive"})


async def test_a_redis_that_is_away_degrades_and_fails_nothing() -> None:
    async with staged(SETTINGS.model_copy(update={"redis_url": DEAD_REDIS})) as stage:
        answer, ready = await stage.client.get("/health"), await stage.client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "away")
    assert ready.status_code == 200
    assert not [word for word in ("127.0.0.1", "hunter2") if word in answer.text]


async def test_without_the_database_only_the_process_is_alive() -> None:
    async with staged() as stage:
        stage.server.database.close()
        health, ready = await stage.client.get("/health"), await stage.client.get("/health/ready")
        live, queues = await stage.client.get("/health/live"), await stage.ask("/api/v1/queue/status")
        told = (await metrics(stage)).text
    assert (health.status_code, ready.status_code, live.status_code, queues.status_code) == (503, 503, 200, 503)
    parts = {"database": "failing", "redis": redis_of(stage), "worker": "unknown"}
    assert health.json() == {"status": "failing", **parts}
    assert "gatewright_database_up 0.0" in told
    assert "gatewright_queue_jobs" not in told


async def test_a_process_that_ends_wants_no_requests() -> None:
    async with staged() as stage:
        await stage.server.drain()
        ready, live = await stage.client.get("/health/ready"), await stage.client.get("/health/live")
    assert (ready.status_code, ready.json(), live.status_code) == (503, {"status": "ending"}, 200)


async def test_the_queues_are_counted_for_merchants_alone() -> None:
    async with staged() as stage:
        await stage.opened()
        answer = await stage.ask("/api/v1/queue/status")
        stranger = await stage.client.get("/api/v1/queue/status")
    told: Any = answer.json()
    assert set(told["queues"]) == {"payment", "refund", "webhook", "other"}
    assert told["queues"]["payment"]["delayed"] == 2
    assert (told["workers"], stranger.status_code) == ({"alive": 1, "missing": 0}, 401)


async def test_what_has_waited_is_told_in_seconds() -> None:
    async with staged() as stage:
        await stage.opened()
        await stage.client.put("/_control/clock", json={"now": "2030-01-01T00:15:42Z"})
        told: Any = (await stage.ask("/api/v1/queue/status")).json()
        text = (await metrics(stage)).text
    assert (told["queues"]["payment"]["waiting"], told["queues"]["payment"]["oldest_waiting_seconds"]) == (1, 42)
    assert 'gatewright_queue_age_seconds{queue="payment"} 42.0' in text


async def test_the_workers_are_named_in_tests_and_nowhere_in_production() -> None:
    async with staged() as stage:
        told: Any = (await stage.client.get("/api/v1/test/jobs/status")).json()
    assert [(one["runs_jobs"], one["alive"]) for one in told["worker_processes"]] == [(True, True)]
    async with staged(PRODUCTION) as stage:
        absent = await stage.client.get("/api/v1/test/jobs/status")
        nothing = await stage.client.get(NOT_THERE)
    assert (absent.status_code, absent.content) == (404, nothing.content)


async def test_what_happened_is_in_the_metrics() -> None:
    async with staged() as stage:
        await stage.paid()
        session_id, tran_id = await stage.opened()
        forged = await stage.ipn(session_id, stage.gateway.pay(tran_id) | {"amount": "1.00"})
        await stage.client.get("/nowhere")
        told = (await metrics(stage)).text
    assert forged.status_code == 400
    for line in (
        'gatewright_requests_total{operation="initPayment",status="200"} 2.0',
        'gatewright_request_seconds_count{operation="receiveIpn"} 2.0',
        'gatewright_changes_total{resource="payment",state="CAPTURED"} 1.0',
        'gatewright_notifications_total{gateway="sslcommerz",verdict="recorded"} 1.0',
        'gatewright_notifications_total{gateway="sslcommerz",verdict="forged"} 1.0',
        'gatewright_gateway_calls_total{gateway="sslcommerz",operation="createSession",outcome="2xx"} 2.0',
        'gatewright_job_runs_total{job="fulfil_order",outcome="done"} 1.0',
        'gatewright_refusals_total{reason="not_found"} 1.0',
    ):
        assert line in told
    assert not [word for word in (session_id, tran_id, API_SECRET) if word in told]


async def test_a_gateway_that_fails_is_counted_by_how() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["HTTP 500", "lost"]
        for _ in range(2):
            assert (await stage.init()).status_code == 502
        told = (await metrics(stage)).text
    for outcome in ("5xx", "reset"):
        labels = f'gateway="sslcommerz",operation="createSession",outcome="{outcome}"'
        assert f"gatewright_gateway_calls_total{{{labels}}} 1.0" in told


@pytest.mark.parametrize(
    ("settings", "host", "headers", "status"),
    [
        (SETTINGS, "127.0.0.1", {}, 200),
        (SETTINGS, "localhost:8000", {}, 200),
        (SETTINGS, "rebound.example", {}, 404),
        (SETTINGS, "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        (SETTINGS, "127.0.0.1", {"Via": "1.1 proxy"}, 404),
        (PRODUCTION, "127.0.0.1", {}, 404),
    ],
)
async def test_without_a_token_only_this_machine_reads_metrics_and_in_production_nobody(
    settings: Settings, host: str, headers: dict[str, str], status: int
) -> None:
    async with staged(settings) as stage:
        answer = await metrics(stage, host, **headers)
    assert answer.status_code == status
    assert (b"gatewright_" in answer.content) is (status == 200)


@pytest.mark.parametrize(
    ("shown", "status"),
    [(f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), ("", 401), (TOKEN, 401), ("Bearer ", 401)],
)
async def test_with_a_token_its_bearer_reads_metrics_from_anywhere(shown: str, status: int) -> None:
    settings = PRODUCTION.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    async with staged(settings) as stage:
        answer = await metrics(stage, "server.test", Authorization=shown)
    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert TOKEN not in answer.text


async def test_the_own_listener_shows_metrics_and_health_and_nothing_else() -> None:
    settings = PRODUCTION.model_copy(update={"metrics_port": 0})
    async with staged(settings) as stage:
        port = stage.server.metrics_port
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answers = [await client.get(path) for path in ("/metrics", "/health", "/health/live", "/payment/status/x")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    assert "gatewright_workers 1.0" in answers[0].text


async def test_an_own_listener_that_is_taken_is_named() -> None:
    async with staged(SETTINGS.model_copy(update={"metrics_port": 0})) as stage:
        taken = SETTINGS.model_copy(update={"metrics_port": stage.server.metrics_port})
        with pytest.raises(Exception, match="METRICS_PORT"):
            async with staged(taken):
                pass
