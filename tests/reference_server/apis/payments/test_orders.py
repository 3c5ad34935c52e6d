"""Orders over the API, and lists of orders and payments: filters, paging, newest first."""

from typing import Any

from tests.reference_server.apis.payments.shop import HEADERS, created, ended, get, post, sandbox_says
from tests.reference_server.stage import Stage, staged


async def test_an_order_is_told_as_it_was_made() -> None:
    async with staged(sandbox_says()) as stage:
        asked = {"amount": 50_000, "currency": "USD", "receipt": "R-1", "notes": {"table": "7"}}
        answer = await post(stage, "/orders", asked | {"customer": {"name": "Rahul", "phone": "98765"}})
        assert answer.status_code == 201
        order = answer.json()
        assert {name: order[name] for name in asked} == asked
        assert order["reference"] == order["id"]
        assert order["customer"]["name"] == "Rahul"
        assert order["created_at"] == "2030-01-01T00:00:00Z"
        assert await get(stage, f"/orders/{order['id']}") == order


async def test_an_order_that_a_payment_made_is_found_by_either_name() -> None:
    async with staged(sandbox_says()) as stage:
        await created(stage, order_id="ORDER-1")
        (order,) = (await get(stage, "/orders"))["items"]
        assert order["reference"] == "ORDER-1"
        assert await get(stage, "/orders/ORDER-1") == await get(stage, f"/orders/{order['id']}") == order


async def test_an_order_that_is_not_there_is_not_found() -> None:
    async with staged(sandbox_says()) as stage:
        await created(stage, order_id="ORDER-1")
        for name in ("order_00000000000000000000", "ORDER-2", "order-1"):
            answer = await stage.client.get(f"/api/v1/orders/{name}", headers=HEADERS)
            assert answer.status_code == 404, name


async def test_a_list_is_newest_first_and_cut_into_pages() -> None:
    async with staged(sandbox_says()) as stage:
        made: list[str] = []
        for nth in range(12):
            made.append((await post(stage, "/orders", {"amount": 1 + nth, "receipt": f"R-{nth % 2}"})).json()["id"])
            await stage.advance(seconds=1)
        whole = await get(stage, "/orders", limit=100)
        assert [order["id"] for order in whole["items"]] == made[::-1]
        first = await get(stage, "/orders")
        assert (len(first["items"]), first["limit"], first["offset"], first["total"]) == (10, 10, 0, 12)
        second = await get(stage, "/orders", limit=10, offset=10)
        assert first["items"] + second["items"] == whole["items"]
        assert (await get(stage, "/orders", offset=1000))["items"] == []
        assert (await get(stage, "/orders", receipt="R-1"))["total"] == 6


MEANINGLESS: list[dict[str, Any]] = [
    *({"limit": 0}, {"limit": 101}, {"offset": -1}, {"limit": "x"}, {"status": "captured"}, {"state": "pending"}),
    *({"method": "cash"}, {"from": "yesterday"}, {"from": "2030-01-01T00:00:00"}, {"order_id": "a b"}),
]


async def test_a_filter_that_means_nothing_is_refused() -> None:
    async with staged(sandbox_says()) as stage:
        for query in MEANINGLESS:
            answer = await stage.client.get("/api/v1/payments", params=query, headers=HEADERS)
            assert answer.status_code == 400, query


async def stocked(stage: Stage) -> dict[str, str]:
    """Make payments of every standing, a minute after one another."""
    made: dict[str, str] = {}
    for name, changes in (
        ("success", {"order_id": "O-1"}),
        ("held", {"capture": "manual"}),
        ("cancelled", {"capture": "manual"}),
        ("wallet", {"method": "wallet", "wallet": "paytm"}),
    ):
        if "method" in changes:
            answer = await post(stage, "/payments", {"amount": 50_000, **changes})
            made[name] = answer.json()["id"]
        else:
            made[name] = await ended(stage, **changes)
        if name == "cancelled":
            await post(stage, f"/payments/{made[name]}/cancel", {})
        await stage.advance(minutes=1)
    made["pending"] = await created(stage)
    return made


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["pending", "wallet", "cancelled", "held", "success"]),
    ({"status": "success"}, ["wallet", "success"]),
    ({"status": "pending"}, ["pending", "held"]),
    ({"status": "failed"}, ["cancelled"]),
    ({"state": "AUTHORIZED"}, ["held"]),
    ({"state": "AUTHORIZED", "status": "success"}, []),
    ({"method": "wallet"}, ["wallet"]),
    ({"order_id": "O-1"}, ["success"]),
    ({"order_id": "O-2"}, []),
    ({"from": "2030-01-01T00:01:11Z"}, ["pending", "wallet", "cancelled", "held"]),
    ({"to": "2030-01-01T05:31:11+05:30"}, ["success"]),
    ({"from": "2030-01-01T00:01:11Z", "to": "2030-01-01T00:01:11Z"}, []),
]


async def test_every_filter_selects_what_it_names() -> None:
    async with staged(sandbox_says()) as stage:
        names = {payment_id: name for name, payment_id in (await stocked(stage)).items()}
        for query, expected in FILTERS:
            found = await get(stage, "/payments", **query)
            assert [names[one["id"]] for one in found["items"]] == expected, query
            assert found["total"] == len(expected)


async def test_a_listed_payment_is_the_payment_that_is_read() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage)
        await post(stage, f"/payments/{payment_id}/refunds", {"amount": 100})
        (listed,) = (await get(stage, "/payments"))["items"]
        assert listed == await get(stage, f"/payments/{payment_id}")
        assert listed["amount_refund_pending"] == 100
