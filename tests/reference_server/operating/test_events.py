"""What the log tells of requests, payments, refunds and notifications (document 004, Logging Strategy)."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reference_server.settings import LogLevel
from tests.reference_server.scripted import STORE_PASSWD
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage, staged
from tests.reference_server.test_log_lines import restoring_the_log

CARD = "4111111111111111"


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@asynccontextmanager
async def logged(level: LogLevel) -> AsyncGenerator[Stage]:
    with restoring_the_log():
        async with staged(SETTINGS.model_copy(update={"log_level": level})) as stage:
            yield stage


async def test_requests_are_logged_as_they_arrive_by_method_and_path_and_without_ids(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with logged(LogLevel.DEBUG) as stage:
        session_id, _ = await stage.opened()
        await stage.status(session_id)
    lines = told(capsys)
    arrived = [(line["method"], line["path"]) for line in lines if line["event"] == "request"]
    assert arrived == [("POST", "/payment/init"), ("GET", "/payment/status/{sessionId}")]
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert session_id not in json.dumps(lines)
    first = next(line for line in lines if line["event"] == "payment created")
    assert first["request_id"] == next(line["request_id"] for line in lines if line["event"] == "request")


async def test_a_payment_is_followed_from_its_creation_to_its_refund(capsys: pytest.CaptureFixture[str]) -> None:
    async with logged(LogLevel.INFO) as stage:
        session_id, tran_id = await stage.paid()
        await stage.refund(session_id, reason="Rahima Khatun called")
        await stage.quiesce()
        forged = stage.gateway.pay(tran_id) | {"amount": "1.00"}
        await stage.ipn(session_id, forged)
    lines = told(capsys)
    events = [line["event"] for line in lines]
    for event in ("payment created", "payment captured", "fulfilment done", "refund created"):
        assert event in events
    received = [line for line in lines if line["event"] == "webhook received"]
    assert [(line["gateway"], line["order"], line["verdict"]) for line in received] == [
        ("sslcommerz", tran_id, "recorded"), ("sslcommerz", tran_id, "forged"),
    ]  # fmt: skip
    customer: Any = ORDER["customer"]
    people = [customer["name"], customer["email"], customer["phone"]]
    whole = json.dumps(lines, ensure_ascii=False)
    assert [word for word in (*people, API_KEY, API_SECRET, STORE_PASSWD, session_id) if word in whole] == []


async def test_a_card_is_in_no_line_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    async with logged(LogLevel.DEBUG) as stage:
        card = {"number": CARD, "expiry_month": 12, "expiry_year": 2035, "cvv": "987", "name": "Rahima Khatun"}
        body = {"amount": 100, "method": "card", "card": card, "order_id": "ORDER-1"}
        made = await stage.ask("/api/v1/payments", body)
        await stage.ask("/api/v1/payments", body | {"notes": {"note": CARD}})
        await stage.advance(seconds=15)
    assert made.status_code == 201
    whole = capsys.readouterr().err
    assert "payment created" in whole
    assert [word for word in (CARD, "987", "Rahima") if word in whole] == []
