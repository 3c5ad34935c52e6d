"""The played merchant's outgoing calls: where they may lead, a redirect included."""

import pytest

from tests.simulators.merchant.shops import ShopStand, open_shop


async def outcomes(shop: ShopStand, to: str) -> list[tuple[str, bool]]:
    """Let the validator redirect a shop that follows; tell how its call ended and whether the guard said why."""
    await shop.arm({"redirect": {"to": to}}, operation="validateOrder")
    await shop.pay(await shop.buy())
    calls = [one for one in await shop.stand.journal(operation="validateOrder") if one["direction"] == "out"]
    return [(one["outcome"], "control plane" in one.get("note", "")) for one in calls]


@pytest.mark.parametrize("path", ["/_control/health", "/"])
async def test_a_redirect_is_no_way_to_our_control_plane(path: str) -> None:
    # An address that is a number is asked of no resolver: the guard must look at each request that leaves.
    async with open_shop("follows_a_redirected_validator") as shop:
        told = await outcomes(shop, f"{shop.stand.urls['control']}{path}")
        assert told == [("refused_by_guard", True)]


async def test_a_redirect_to_a_stranger_is_not_followed() -> None:
    async with open_shop("follows_a_redirected_validator") as shop:
        # RFC 5737, TEST-NET-1: nobody is there.
        assert await outcomes(shop, "http://192.0.2.1/") == [("refused_by_guard", False)]
