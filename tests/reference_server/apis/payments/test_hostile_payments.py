"""Hostile input to the payments API (failure catalogue K): below 500, nothing changed, and the server goes on."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.counts import large
from tests.reference_server.apis.payments.shop import HEADERS, UPI, get, post, sandbox_says
from tests.reference_server.stage import Stage, staged

AMOUNTS = [
    *(0, -1, -0.0, 1.5, 10.005, "10", "1e2", True, None, [], {}, 10**12 + 1, 2**63, 2**64, 10**30, "NaN", "∞"),
    *({"$gt": 0}, [100], "100 ", "٣"),
]


NUMBERS = ("1e400", "NaN", "Infinity", "-Infinity", "1" * 5000, "0x10", "1_000", "01", "+1", ".5", "1.5e0")
INTEGERS = (("1", 1), ("100.0", 100), ("1e2", 100), ("1000000000000", 10**12))
SERVERS_OWN = (
    *("status", "state", "captured", "amount_captured", "merchant_id", "id", "created_at", "error_code", "gateway"),
    *("__proto__", "is_captured_by_merchant", "method "),
)
ORDER_IDS = (
    *(
        "' or '1'='1",
        "%",
        "{{7*7}}",
        "a\r\nx-injected: 1",
        "a\u0000b",
        "ORDER\u200b1",
        "\uff2f\uff32",
        "😀",
        "",
        "x" * 256,
    ),
    *("../../etc", "a/b", "a b", '{"$ne":1}', "\ud800"),
)
TEXTS = ("'; drop table payments; --", "<script>", "a\r\nb", "\u202egnp", "😀" * 50, "\x1b[31m")
RAW_BODIES = (b"[]", b'"x"', b"null", b"1", b"", b"\xff\xfe", b"{", b"[" * 100_000, b"\xef\xbb\xbf{}")
PATHS = ("payments", "orders", "payments/pay_x/capture", "payments/pay_x/cancel")


async def send(stage: Stage, raw: str | bytes, path: str = "payments") -> httpx.Response:
    """Post bytes that call themselves JSON."""
    headers = HEADERS | {"content-type": "application/json"}
    return await stage.client.post(f"/api/v1/{path}", content=raw, headers=headers)


async def test_an_amount_that_is_none_is_refused_not_rounded() -> None:
    async with staged(sandbox_says()) as stage:
        for amount in AMOUNTS:
            for path, body in (("/payments", UPI), ("/orders", {})):
                answer = await post(stage, path, body | {"amount": amount})
                assert answer.status_code == 400, (amount, answer.text)
        assert (await get(stage, "/orders"))["total"] == 0


async def test_a_number_that_json_does_not_have_is_refused() -> None:
    async with staged(sandbox_says()) as stage:
        for raw in NUMBERS:
            answer = await send(stage, json.dumps(UPI).replace("50000", raw))
            assert answer.status_code == 400, (raw, answer.text)


async def test_an_integer_is_one_however_json_writes_it() -> None:
    async with staged(sandbox_says()) as stage:
        for raw, amount in INTEGERS:
            answer = await send(stage, json.dumps(UPI).replace("50000", raw))
            assert answer.status_code == 201, (raw, answer.text)
            assert answer.text.count(f'"amount":{amount},') == 1


async def test_what_only_the_server_sets_cannot_be_sent() -> None:
    async with staged(sandbox_says()) as stage:
        for member in SERVERS_OWN:
            answer = await post(stage, "/payments", UPI | {member: "success"})
            assert answer.status_code == 400, member


async def test_an_order_id_outside_its_alphabet_is_refused() -> None:
    async with staged(sandbox_says()) as stage:
        for order_id in ORDER_IDS:
            answer = await send(stage, json.dumps(UPI | {"order_id": order_id}))
            assert answer.status_code == 400, (order_id, answer.text)
        assert (await get(stage, "/payments"))["total"] == 0


async def test_orders_whose_names_look_alike_are_two() -> None:
    async with staged(sandbox_says()) as stage:
        for name in ("Order-1", "order-1", "ORDER-1", "ORDER_1", "ORDER.1", "_", "ORDER:1"):
            assert (await post(stage, "/payments", UPI | {"order_id": name})).status_code == 201
        assert (await get(stage, "/orders"))["total"] == 7


async def test_text_is_stored_and_returned_as_it_was() -> None:
    async with staged(sandbox_says()) as stage:
        for text in TEXTS:
            made = (await post(stage, "/payments", UPI | {"notes": {"x": text}})).json()
            assert (await get(stage, f"/payments/{made['id']}"))["notes"] == {"x": text}


async def test_a_body_that_is_no_object_is_refused() -> None:
    async with staged(sandbox_says()) as stage:
        for path in PATHS:
            for raw in RAW_BODIES:
                answer = await send(stage, raw, path)
                assert 400 <= answer.status_code < 500, (path, raw[:20], answer.text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
members = st.sampled_from(
    ["order_id", "amount", "currency", "method", "vpa", "card", "wallet", "bank", "capture", "customer", "notes"]
)


@settings(max_examples=large(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(members, json_values, max_size=4), min_size=15, max_size=25))
async def test_whatever_stands_in_a_body_is_refused_or_kept_whole(bodies: list[dict[str, Any]]) -> None:
    async with staged(sandbox_says()) as stage:
        made = 0
        for changes in bodies:
            answer = await send(stage, json.dumps({**UPI, **changes}))
            assert answer.status_code in {201, 400, 404, 409}, answer.text
            made += answer.status_code == 201
        assert (await get(stage, "/payments"))["total"] == made


@settings(max_examples=large(200), deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=6), st.data())
async def test_what_is_told_of_sums_is_what_was_asked_to_the_last_unit(amounts: list[int], data: st.DataObject) -> None:
    async with staged(sandbox_says()) as stage:
        total = 0
        for amount in amounts:
            made = (await post(stage, "/payments", UPI | {"amount": amount, "capture": "manual"})).json()
            await stage.advance(seconds=1)
            part = data.draw(st.integers(1, amount))
            taken = (await post(stage, f"/payments/{made['id']}/capture", {"amount": part})).json()
            assert (taken["amount"], taken["amount_captured"]) == (amount, part)
            total += part
        listed = (await get(stage, "/payments", limit=100))["items"]
        assert sum(one["amount_captured"] for one in listed) == total
