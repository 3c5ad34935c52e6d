"""`gatewright doctor`: document 001's checklist, each line with what was found, and what fails the whole list."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from reference_server.cli import app
from reference_server.clock import ClockMode
from reference_server.doctor.checklist import Item, Line, Mark, in_order, is_well, render_json, render_text
from reference_server.doctor.command import go_through
from reference_server.settings import Environment, Settings
from tests.reference_server.engine import placed
from tests.reference_server.stage import SETTINGS, staged

# Document 001, lines 289 to 299.
CHECKLIST = [
    "Database migrations applied", "All environment variables configured", "Redis connection working",
    "PostgreSQL connection working", "API server health check passing", "Worker service running",
    "Test payment creation works", "Webhook delivery working", "Refund processing working", "Dashboard accessible",
    "Embeddable SDK loading",
]  # fmt: skip
ASKED = Settings(merchant_api_key="key_test", merchant_api_secret=SecretStr("sec_test"))
PAYMENT, REFUND = "/api/v1/payments/pay_1", "/api/v1/refunds/rfnd_1"
WELL: dict[str, Any] = {
    "/health": (200, {"status": "ok", "database": "ok", "redis": "unused", "worker": "ok"}),
    "/api/v1/payments": (201, {"id": "pay_1", "status": "pending"}),
    PAYMENT: (200, {"id": "pay_1", "status": "success"}),
    f"{PAYMENT}/refunds": (201, {"id": "rfnd_1", "status": "pending"}),
    REFUND: (200, {"id": "rfnd_1", "status": "processed"}),
    "/api/v1/webhooks": (
        200,
        {
            "items": [
                {"event": "payment.success", "status": "success", "attempts": 1, "response_code": 204,
                 "payload": {"payment_id": "pay_1"}},
            ]
        },
    ),
}  # fmt: skip
NOTHING: dict[str, object] = {}
NO_DELIVERY: dict[str, list[object]] = {"items": []}
HEALTHLESS = {"status": "failing", "database": "failing", "redis": "ok", "worker": "unknown"}
UNTAKEN = {"items": [WELL["/api/v1/webhooks"][1]["items"][0] | {"status": "pending", "response_code": 500}]}


def playing(answers: Mapping[str, tuple[int, object]]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers[request.url.path]
        return httpx.Response(status, json=body)

    return httpx.MockTransport(answer)


async def marks(
    changes: Mapping[str, tuple[int, object]], settings: Settings = ASKED, **options: Any
) -> dict[Item, Line]:
    lines = await go_through(
        settings, "http://server.test", trial=options.get("trial"), transport=playing(WELL | dict(changes))
    )
    return {line.item: line for line in lines}


async def test_every_line_of_the_document_is_gone_through_in_its_order() -> None:
    assert [item.value for item in Item] == CHECKLIST
    found = await marks({})
    assert list(found) == list(Item)
    assert [item for item in (Item.PAYMENT, Item.WEBHOOK, Item.REFUND) if found[item].mark is not Mark.OK] == []
    assert [found[item].mark for item in (Item.DASHBOARD, Item.SDK)] == [Mark.NOT_THERE_YET] * 2


@pytest.mark.parametrize(
    ("changes", "item", "mark", "told"),
    [
        ({"/health": (503, HEALTHLESS)}, Item.HEALTH, Mark.FAILED, "database failing"),
        ({"/health": (503, HEALTHLESS)}, Item.WORKER, Mark.FAILED, "unknown"),
        ({"/health": (503, HEALTHLESS)}, Item.PAYMENT, Mark.NOT_TRIED, "not well"),
        ({"/health": (404, {"title": "There is nothing here"})}, Item.HEALTH, Mark.FAILED, "404 There is nothing here"),
        ({"/api/v1/payments": (401, {"title": "Key and secret are wanted"})}, Item.PAYMENT, Mark.FAILED, "401 Key"),
        ({"/api/v1/payments": (401, NOTHING)}, Item.REFUND, Mark.NOT_TRIED, "without a payment"),
        ({PAYMENT: (200, {"status": "failed"})}, Item.PAYMENT, Mark.OK, "declined"),
        ({f"{PAYMENT}/refunds": (409, {"title": "That does not go"})}, Item.REFUND, Mark.FAILED, "409"),
        ({REFUND: (200, {"id": "rfnd_1", "status": "failed"})}, Item.REFUND, Mark.FAILED, "failed"),
        ({"/api/v1/webhooks": (200, NO_DELIVERY)}, Item.WEBHOOK, Mark.NOT_TRIED, "no webhook URL"),
        ({"/api/v1/webhooks": (200, UNTAKEN)}, Item.WEBHOOK, Mark.FAILED, "answered 500"),
        ({"/api/v1/webhooks": (500, NOTHING)}, Item.WEBHOOK, Mark.FAILED, "500"),
    ],
)
async def test_a_line_says_what_was_found(
    changes: Mapping[str, tuple[int, object]], item: Item, mark: Mark, told: str
) -> None:
    line = (await marks(changes))[item]
    assert (line.mark, told in line.told) == (mark, True), line


@pytest.mark.parametrize(
    ("settings", "trial", "mark"),
    [
        ({"environment": Environment.PRODUCTION}, None, Mark.NOT_TRIED),
        ({"environment": Environment.PRODUCTION}, True, Mark.OK),
        ({}, False, Mark.NOT_TRIED),
        ({"merchant_api_key": ""}, None, Mark.NOT_TRIED),
    ],
)
async def test_nothing_is_bought_in_production_unless_it_is_wanted(
    settings: dict[str, object],
    trial: bool | None,  # noqa: FBT001  # a row of the table
    mark: Mark,
) -> None:
    found = await marks({}, ASKED.model_copy(update=settings), trial=trial)
    assert found[Item.PAYMENT].mark is mark


@pytest.mark.parametrize(
    ("settings", "item", "mark", "told"),
    [
        ({"public_url": "http://pay.example"}, Item.SETTINGS, Mark.FAILED, "PUBLIC_URL"),
        ({"public_url": "https://pay.example"}, Item.SETTINGS, Mark.OK, "production"),
        ({"merchant_api_key": ""}, Item.SETTINGS, Mark.FAILED, "ADMIN_TOKEN"),
        ({"redis_url": SecretStr("redis://:hunter2@127.0.0.1:1/0")}, Item.REDIS, Mark.FAILED, "does not answer"),
        ({}, Item.REDIS, Mark.NOT_USED, "REDIS_URL"),
        ({"database_url": "postgresql://a:hunter2@127.0.0.1:1/a"}, Item.POSTGRESQL, Mark.FAILED, "does not answer"),
        ({"database_url": "postgresql://a:hunter2@127.0.0.1:1/a"}, Item.MIGRATIONS, Mark.NOT_TRIED, "without"),
        ({"database_url": "sqlite:///nowhere/at/all.db"}, Item.MIGRATIONS, Mark.FAILED, "no such file"),
        ({"database_url": "sqlite:///nowhere/at/all.db"}, Item.POSTGRESQL, Mark.NOT_USED, "SQLite"),
    ],
)
async def test_what_the_settings_name_is_looked_at_and_never_shown(
    settings: dict[str, object], item: Item, mark: Mark, told: str
) -> None:
    production = ASKED.model_copy(update={"environment": Environment.PRODUCTION, **settings})
    found = await marks({}, production)
    assert (found[item].mark, told in found[item].told) == (mark, True), found[item]
    shown = render_text(list(found.values()), "http://server.test")
    assert not [word for word in ("hunter2", "127.0.0.1:1", "sec_test") if word in shown]


async def test_a_running_server_passes_and_its_file_is_left_alone(tmp_path: Path) -> None:
    changes = {
        "clock": ClockMode.SYSTEM, "seed": None, "database_url": f"sqlite:///{tmp_path}/server.db",
        "test_mode": True, "test_payment_success": True, "test_processing_delay": 0,
    }  # fmt: skip
    settings = placed(SETTINGS.model_copy(update=changes))
    async with staged(settings) as stage:
        transport = httpx.ASGITransport(app=stage.server.asgi)
        lines = await go_through(settings, "http://server.test", trial=None, transport=transport)
        ended = await go_through(settings, "http://server.test", trial=False, transport=transport)
    assert {line.item.value: line.told for line in lines if line.mark is Mark.FAILED} == {}
    tried = {line.item: line.mark for line in lines}
    assert (tried[Item.PAYMENT], tried[Item.REFUND], tried[Item.WORKER]) == (Mark.OK, Mark.OK, Mark.OK)
    assert is_well(ended)
    stopped = await go_through(settings, "http://server.test", trial=False, transport=playing(WELL))
    assert "the tables are at" in stopped[0].told


def test_the_command_ends_with_one_where_a_line_failed_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere/at/all.db")
    told = CliRunner().invoke(app, ["doctor", "--url", "http://127.0.0.1:1", "--json"])
    shown = json.loads(told.output)
    assert (told.exit_code, shown["ok"], len(shown["checklist"])) == (1, False, len(CHECKLIST))
    monkeypatch.setenv("METRICS_TOKEN", "tooshort")
    told = CliRunner().invoke(app, ["doctor"])
    assert (told.exit_code, "METRICS_TOKEN" in told.output, "tooshort" in told.output) == (1, True, False)


def test_only_a_failure_fails_the_list() -> None:
    lines = in_order([Line(item, mark, "x") for item, mark in zip(Item, Mark, strict=False) if mark is not Mark.FAILED])
    assert (is_well(lines), render_json(lines, "http://a")["ok"]) == (True, True)
    assert "[x] Database migrations applied           x" in render_text(lines, "http://a")
    lines = in_order([*lines, Line(Item.SDK, Mark.FAILED, "gone")])
    assert render_text(lines, "http://a").endswith("[!] Embeddable SDK loading                gone\n1 of 11 failed")
