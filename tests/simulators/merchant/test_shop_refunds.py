"""The right shop gives money back: never more than came, each refund once, followed to its end."""

import json
from decimal import Decimal

from tests.simulators.merchant.shops import WHOLE_DAY, ShopStand, open_shop
from tests.simulators.stands import Json


async def refund(shop: ShopStand, placed: Json, amount: str, key: str = "") -> int:
    """Ask for a refund and say how that was answered."""
    body = {"amount": amount, **({"key": key} if key else {})}
    return (await shop.ask("POST", f"/orders/{placed['order']}/refunds", body)).status_code


async def test_refunds_are_bounded_by_what_was_paid_and_named_by_their_key() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(amount="100.00")
        assert await refund(shop, placed, "10.00") == 409
        await shop.pay(placed)
        asked = [
            ("40.00", "k"),
            ("40.00", "k"),
            ("41.00", "k"),
            ("60.01", ""),
            ("0.00", ""),
            ("ten", ""),
            ("1.001", ""),
        ]
        assert [await refund(shop, placed, *one) for one in asked] == [202, 202, 409, 409, 409, 422, 422]
        assert await refund(shop, placed, "60.00") == 202
        assert [await shop.state(placed), len((await shop.order(placed))["refunds"])] == ["REFUNDED", 2]


async def test_a_refund_is_followed_to_its_end() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(amount="100.00")
        await shop.pay(placed)
        await refund(shop, placed, "40.00")
        await shop.advance(WHOLE_DAY)
        order = await shop.order(placed)
        assert (order["refunds"][0]["state"], order["refunded"], order["state"]) == ("DONE", "40.00", "DELIVERED")


async def test_a_refund_that_the_gateway_never_answers_is_flagged_and_stays_counted() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(amount="100.00")
        await shop.pay(placed)
        await shop.arm({"status": {"code": 500}}, operation="queryTransaction")
        await refund(shop, placed, "60.00")
        await shop.advance(WHOLE_DAY * 3)
        order = await shop.order(placed)
        assert (order["flagged"], order["refunds"][0]["state"]) == (True, "PENDING")
        assert await refund(shop, placed, "60.00") == 409


async def test_refunds_of_foreign_money_are_asked_for_as_it_was_settled_and_add_up() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(item="gift-card")
        await shop.pay(placed)
        assert [await refund(shop, placed, part) for part in ("33.33", "33.33", "33.34")] == [202, 202, 202]
        await shop.advance()
        asked = [one["request"]["url"] for one in await shop.stand.journal(operation="queryTransaction")]
        parts = [
            Decimal(part[14:]) for url in dict.fromkeys(asked) for part in url.split("&") if "refund_amount=" in part
        ]
        [told] = [one for one in await shop.stand.journal(operation="validateOrder") if one["direction"] == "out"]
        assert sum(parts) == Decimal(json.loads(told["answer"]["body"])["amount"])
