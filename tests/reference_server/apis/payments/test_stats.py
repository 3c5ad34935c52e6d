"""Figures over the API: which payments count, in which row, and what they come to."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.reference_server.stage import START, Stage, staged

SUM = 10_050


async def stats(stage: Stage, **query: str) -> httpx.Response:
    return await stage.ask(f"/api/v1/stats?{httpx.QueryParams(query)}")


async def told(stage: Stage, **query: str) -> dict[str, Any]:
    answer = await stats(stage, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def at(**after: float) -> str:
    return (START + timedelta(**after)).isoformat().replace("+00:00", "Z")


async def pay(stage: Stage, *, seconds: float) -> str:
    """Have a payment paid so long after it was made, and return its session id."""
    session_id, tran_id = await stage.opened()
    await stage.advance(seconds=seconds)
    assert (await stage.ipn(session_id, stage.gateway.pay(tran_id))).status_code == 200
    await stage.quiesce()
    return session_id


async def test_rate_volume_and_time_to_final_are_those_of_the_payments() -> None:
    async with staged() as stage:
        session_id = await pay(stage, seconds=4)
        await pay(stage, seconds=9.5)
        failed, tran_id = await stage.opened()
        await stage.ipn(failed, stage.gateway.end(tran_id, "FAILED"))
        await stage.opened()
        assert (await stage.refund(session_id, amount="20.00")).status_code == 202
        await stage.advance(seconds=1)
        figures = (await told(stage))["all"]
    assert (figures["payments"], figures["success"], figures["failed"], figures["pending"]) == (4, 2, 1, 1)
    assert figures["success_rate"] == 0.6667
    assert figures["volume"] == [{"currency": "BDT", "captured": 2 * SUM, "refunded": 2_000}]
    assert figures["time_to_final_ms"] == {"mean": 4_500, "least": 0, "most": 9_500}


async def test_a_span_holds_its_beginning_and_not_its_end() -> None:
    async with staged() as stage:
        for _ in range(3):
            await stage.opened()
            await stage.advance(seconds=60)
        seen = await told(stage, since=at(minutes=1), until=at(minutes=2))
    assert seen["all"]["payments"] == 1


async def test_rows_are_by_gateway_method_and_span_and_add_up() -> None:
    async with staged() as stage:
        await stage.opened()
        await stage.advance(hours=1)
        await pay(stage, seconds=1)
        seen = await told(stage, since=at(), interval="hour")
        by_day = await told(stage, since=at(), interval="day")
    assert seen["by_gateway"]["sslcommerz"] == seen["by_method"]["unknown"] == seen["all"]
    assert [(row["since"], row["figures"]["payments"]) for row in seen["by_span"]] == [(at(), 1), (at(hours=1), 1)]
    assert by_day["by_span"] == [{"since": at(), "figures": by_day["all"]}]


async def test_a_filter_leaves_the_others_out() -> None:
    async with staged() as stage:
        await stage.opened()
        assert (await told(stage, gateway="sslcommerz"))["all"]["payments"] == 0
        await stage.advance(seconds=1)
        assert (await told(stage, gateway="sslcommerz", method="unknown"))["all"]["payments"] == 1
        assert (await told(stage, gateway="sandbox"))["by_gateway"] == {}
        assert (await told(stage, method="upi"))["all"]["payments"] == 0


async def test_another_merchants_payments_do_not_count() -> None:
    async with staged() as stage:
        await pay(stage, seconds=1)
        other = (await stage.client.post("/api/v1/merchants", json={"email": "o@shop.example"})).json()
        headers = {"x-api-key": other["api_key"], "x-api-secret": other["api_secret"]}
        seen = await stage.client.get("/api/v1/stats", params={"until": at(days=1)}, headers=headers)
    assert (seen.json()["all"]["payments"], seen.json()["all"]["success_rate"]) == (0, None)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"since": at(), "until": at()}, "since"),
        ({"since": at(), "until": at(days=31, seconds=1)}, "since"),
        ({"since": at(), "until": at(days=7, seconds=1), "interval": "hour"}, "since"),
        ({"since": "2030-01-01T00:00:00"}, "since"),
        ({"until": "0001-01-01T00:00:00Z"}, "until"),
        ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ({"until": "yesterday"}, "until"),
    ],
)
async def test_a_span_that_is_none_is_refused_with_its_place(query: dict[str, str], pointer: str) -> None:
    async with staged() as stage:
        answer = await stats(stage, **query)
    assert answer.status_code == 400
    assert [(it["place"], it["pointer"]) for it in answer.json()["violations"]] == [("query", pointer)]
