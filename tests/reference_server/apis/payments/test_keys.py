"""Idempotency keys on payments and refunds of the payments API: one thing, one answer, whatever is sent again."""

from typing import Any

import pytest

from tests.reference_server.apis.payments.shop import UPI, ended, get, post, sandbox_says
from tests.reference_server.stage import Stage, staged

KEY = {"idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


async def asked(stage: Stage, kind: str) -> tuple[str, dict[str, Any]]:
    """Return where such a thing is made, and a body that makes one."""
    if kind == "payments":
        return "/payments", UPI
    return f"/payments/{await ended(stage)}/refunds", {"amount": 100}


@pytest.mark.parametrize("kind", ["payments", "refunds"])
async def test_the_same_request_under_a_key_makes_one_and_is_answered_byte_for_byte(kind: str) -> None:
    async with staged(sandbox_says()) as stage:
        path, body = await asked(stage, kind)
        first = await post(stage, path, body, **KEY)
        await stage.advance(minutes=1)
        again = await post(stage, path, body, **KEY)
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert [one["id"] for one in (await get(stage, f"/{kind}"))["items"]] == [first.json()["id"]]


@pytest.mark.parametrize("kind", ["payments", "refunds"])
async def test_another_sum_under_a_key_is_refused_and_two_keys_make_two(kind: str) -> None:
    async with staged(sandbox_says()) as stage:
        path, body = await asked(stage, kind)
        assert (await post(stage, path, body, **KEY)).status_code == 201
        assert (await post(stage, path, body | {"amount": 101}, **KEY)).status_code == 422
        assert (await get(stage, f"/{kind}"))["total"] == 1
        # The same request: what two keys name is meant twice.
        assert (await post(stage, path, body, **{"idempotency-key": "another"})).status_code == 201
        assert (await get(stage, f"/{kind}"))["total"] == 2


async def test_a_refund_that_is_refused_leaves_its_key_for_one_that_is_not() -> None:
    async with staged(sandbox_says()) as stage:
        path, _ = await asked(stage, "refunds")
        assert (await post(stage, path, {"amount": 50_001}, **KEY)).status_code == 409
        assert (await get(stage, "/refunds"))["total"] == 0
        assert (await post(stage, path, {"amount": 50_000}, **KEY)).status_code == 201
