"""Payments over the API: how they are made and end, and what is refused and why."""

from itertools import product
from typing import Any

import pytest

from tests.reference_server.apis.payments.shop import CARD, HEADERS, UPI, created, ended, get, post, sandbox_says
from tests.reference_server.stage import SETTINGS, staged

INSTRUMENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"method": "upi", "vpa": "9876543210@ybl"}, {"vpa": "98***@ybl"}),
    ({"method": "card", "card": CARD}, {"brand": "visa", "last4": "1111", "expiry_month": 12, "expiry_year": 2035}),
    ({"method": "wallet", "wallet": "paytm"}, {"wallet": "paytm"}),
    ({"method": "netbanking", "bank": "HDFC"}, {"bank": "HDFC"}),
]


@pytest.mark.parametrize(("given", "kept"), INSTRUMENTS, ids=lambda one: one.get("method", ""))
async def test_a_payment_is_pending_at_once_and_succeeds_when_the_acquirer_answers(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    async with staged(sandbox_says()) as stage:
        answer = await post(stage, "/payments", {"amount": 50_000, "order_id": "ORDER-1", **given})
        assert answer.status_code == 201
        made = answer.json()
        assert (made["status"], made["state"], made["captured"]) == ("pending", "PENDING", False)
        assert (made["order_id"], made["amount"], made["currency"]) == ("ORDER-1", 50_000, "INR")
        assert made["id"].startswith("pay_")
        assert made["instrument"] == kept
        assert await get(stage, f"/payments/{made['id']}") == made
        await stage.advance(milliseconds=999)
        assert (await get(stage, f"/payments/{made['id']}"))["status"] == "pending"
        await stage.advance(milliseconds=1)
        paid = await get(stage, f"/payments/{made['id']}")
        assert (paid["status"], paid["state"], paid["captured"]) == ("success", "CAPTURED", True)
        assert (paid["amount_captured"], paid["error_code"]) == (50_000, None)
        assert paid["updated_at"] == "2030-01-01T00:00:01Z"


async def test_a_declined_payment_says_why_in_code_and_words() -> None:
    async with staged(sandbox_says(succeeds=False)) as stage:
        failed = await get(stage, f"/payments/{await ended(stage)}")
        assert (failed["status"], failed["state"], failed["captured"]) == ("failed", "FAILED", False)
        assert failed["error_code"]
        assert failed["error_description"]
        assert failed["amount_captured"] == 0


async def test_without_test_mode_a_payment_ends_within_five_to_ten_seconds() -> None:
    settings = SETTINGS.model_copy(update={"test_payment_success": False, "test_processing_delay": 0})
    async with staged(settings) as stage:
        ids = [await created(stage) for _ in range(20)]
        await stage.advance(seconds=4.9)
        assert {(await get(stage, f"/payments/{one}"))["status"] for one in ids} == {"pending"}
        await stage.advance(seconds=5.1)
        told = [(await get(stage, f"/payments/{one}"))["status"] for one in ids]
        assert "pending" not in told
        assert told.count("success") >= 14  # of 20, at 90 %: the seed's own draw, the same in every run


async def test_a_run_of_one_seed_repeats_itself_whatever_else_is_asked_meanwhile() -> None:
    async def run(*, with_reads: bool) -> list[Any]:
        async with staged(SETTINGS) as stage:
            ids: list[str] = []
            for nth in range(12):
                ids.append(await created(stage, order_id=f"ORDER-{nth}"))
                if with_reads:
                    await get(stage, "/payments")
                    await stage.advance(seconds=1)
            await stage.advance(seconds=11)
            return [[(told := await get(stage, f"/payments/{one}"))["id"], told["status"]] for one in ids]

    assert await run(with_reads=False) == await run(with_reads=True)


RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"vpa": "rahul"}, "/vpa", "vpa"),
    ({"vpa": "rahul@okbank", "wallet": "paytm"}, "/wallet", "method"),
    ({"method": "card"}, "/card", "required"),
    ({"method": "wallet"}, "/wallet", "required"),
    ({"method": "netbanking"}, "/bank", "required"),
    ({"method": "card", "card": CARD | {"number": "4111111111111112"}}, "/card/number", "luhn"),
    ({"method": "card", "card": CARD | {"number": "4111 1111 1111 111x"}}, "/card/number", "digits"),
    ({"method": "card", "card": CARD | {"expiry_month": 11, "expiry_year": 2029}}, "/card/expiry_year", "expiry"),
    ({"method": "card", "card": CARD | {"expiry_month": "11", "expiry_year": "29"}}, "/card/expiry_year", "expiry"),
    ({"method": "card", "card": CARD | {"cvv": "1234"}}, "/card/cvv", "digits"),
    ({"currency": "XXX"}, "/currency", "currency"),
    ({"notes": {"card": "4111 1111 1111 1111"}}, "/notes/card", "card_number"),
    ({"customer": {"name": "4111111111111111"}}, "/customer/name", "card_number"),
    ({"order_id": "4111111111111111"}, "/order_id", "card_number"),
]


async def test_what_breaks_a_rule_is_refused_with_its_place() -> None:
    async with staged(sandbox_says()) as stage:
        for changes, pointer, rule in RULES:
            body = UPI | changes
            if "method" in changes:
                del body["vpa"]
            answer = await post(stage, "/payments", body)
            assert answer.status_code == 400, (changes, answer.text)
            assert [(it["pointer"], it["rule"]) for it in answer.json()["violations"]] == [(pointer, rule)]
        assert (await get(stage, "/payments"))["total"] == 0


async def test_expiry_is_read_in_every_form_that_shops_send() -> None:
    async with staged(sandbox_says()) as stage:
        for year, month in product((35, "35", 2035, "2035"), (12, "12")):
            card = CARD | {"expiry_year": year, "expiry_month": month}
            answer = await post(stage, "/payments", {"amount": 100, "method": "card", "card": card})
            kept = answer.json()["instrument"]
            assert (kept["expiry_month"], kept["expiry_year"]) == (12, 2035)


async def test_an_order_of_createorder_is_paid_by_its_id_and_for_its_sum_alone() -> None:
    async with staged(sandbox_says()) as stage:
        order = (await post(stage, "/orders", {"amount": 50_000, "receipt": "R-1"})).json()
        other = await post(stage, "/payments", UPI | {"order_id": order["id"], "amount": 49_999})
        assert other.status_code == 409
        dollars = await post(stage, "/payments", UPI | {"order_id": order["id"], "currency": "USD"})
        assert dollars.status_code == 409
        assert (await post(stage, "/payments", UPI | {"order_id": order["id"]})).json()["order_id"] == order["id"]
        absent = await post(stage, "/payments", UPI | {"order_id": "order_00000000000000000000"})
        assert absent.status_code == 404


async def test_an_order_is_paid_once_and_tried_again_after_a_failure() -> None:
    async with staged(sandbox_says(succeeds=False)) as stage:
        first = await created(stage, order_id="ORDER-1")
        twin = await post(stage, "/payments", UPI | {"order_id": "ORDER-1"})
        assert (twin.status_code, twin.json()["payment_id"]) == (409, first)
        await stage.advance(seconds=2)
        second = await created(stage, order_id="ORDER-1")
        assert second != first
        assert (await get(stage, "/payments", order_id="ORDER-1"))["total"] == 2


async def test_a_payment_without_an_order_makes_one() -> None:
    async with staged(sandbox_says()) as stage:
        customer = {"name": "Rahul", "email": "rahul@shop.example"}
        made = (await post(stage, "/payments", UPI | {"customer": customer, "notes": {"table": "7"}})).json()
        order = await get(stage, f"/orders/{made['order_id']}")
        assert (order["id"], order["amount"], order["currency"]) == (made["order_id"], 50_000, "INR")
        assert order["customer"]["email"] == "rahul@shop.example"
        assert made["notes"] == {"table": "7"}


async def test_the_audit_trail_tells_of_this_payment_alone_and_why() -> None:
    async with staged(sandbox_says(succeeds=False)) as stage:
        first = await ended(stage, order_id="ORDER-1")
        second = await ended(stage, order_id="ORDER-1")
        for payment_id in (first, second):
            lines = (await get(stage, f"/payments/{payment_id}/audit"))["items"]
            assert [(line["resource"], line["event"], line["after"]) for line in lines] == [
                ("payment", "created", "PENDING"),
                ("attempt", "declined", "DECLINED"),
                ("payment", "failed", "FAILED"),
            ]
            assert {line["resource_id"] for line in lines if line["resource"] == "payment"} == {payment_id}
        assert (await get(stage, f"/payments/{first}/audit", limit=1, offset=1))["items"][0]["event"] == "declined"


async def test_another_merchants_payment_is_the_same_as_none() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage, capture="manual")
        made = await stage.client.post("/_control/accounts", json={"name": "other"})
        key = made.json()["credentials"]["api"]
        other = {"x-api-key": key["key"], "x-api-secret": key["secret"]}
        for method, path in [("GET", ""), ("POST", "/capture"), ("POST", "/cancel"), ("GET", "/audit")]:
            seen: list[tuple[int, bytes, dict[str, str]]] = []
            for one in (payment_id, "pay_00000000000000000000"):
                answer = await stage.client.request(method, f"/api/v1/payments/{one}{path}", headers=other)
                kept = {name: value for name, value in answer.headers.items() if "id" not in name}
                seen.append((answer.status_code, answer.content, kept))
            assert seen[0] == seen[1]
            assert seen[0][0] == 404
        assert (await stage.client.get("/api/v1/payments", headers=other)).json()["items"] == []
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "AUTHORIZED"


async def test_without_key_and_secret_nothing_is_told() -> None:
    async with staged(sandbox_says()) as stage:
        assert (await stage.client.post("/api/v1/payments", json=UPI)).status_code == 401
        assert (await stage.client.get("/api/v1/payments", headers=HEADERS | {"x-api-secret": "x"})).status_code == 401
