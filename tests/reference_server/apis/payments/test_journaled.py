"""Under which order the journal files calls of the payments API, and that it keeps nothing of an erased shopper's."""

import json
from typing import Any

from tests.reference_server.apis.payments.shop import UPI, ended, post, sandbox_says
from tests.reference_server.stage import Stage, staged

SHOPPER = {"name": "Zebulon Canary", "email": "zebulon@canary.example"}


def filed(stage: Stage) -> dict[str, set[Any]]:
    """Return the orders that calls are filed under, by operation."""
    found: dict[str, set[Any]] = {}
    for one in stage.server.journal.read():
        found.setdefault(str(one["operation"]), set()).add(one["subject"])
    return found


async def test_captures_and_cancels_are_filed_under_their_order() -> None:
    async with staged(sandbox_says()) as stage:
        first = await ended(stage, order_id="SHOP-1", capture="manual")
        second = await ended(stage, order_id="SHOP-2", capture="manual")
        await post(stage, f"/payments/{first}/capture", {})
        await post(stage, f"/payments/{second}/cancel", {})
        told = filed(stage)
        assert (told["capturePayment"], told["cancelPayment"]) == ({"SHOP-1"}, {"SHOP-2"})


async def test_what_is_said_again_of_an_erased_shopper_stays_nowhere() -> None:
    async with staged(sandbox_says()) as stage:
        body, key = UPI | {"customer": SHOPPER, "capture": "manual"}, {"idempotency-key": "once"}
        payment_id = (await post(stage, "/payments", body, **key)).json()["id"]
        order, ordered = {"amount": 5, "customer": SHOPPER}, {"idempotency-key": "order"}
        await post(stage, "/orders", order, **ordered)
        await stage.advance(seconds=11)
        await post(stage, "/privacy/erase", {"email": SHOPPER["email"]})
        assert (await post(stage, "/payments", body, **key)).headers["idempotent-replayed"] == "true"
        assert (await post(stage, "/orders", order, **ordered)).headers["idempotent-replayed"] == "true"
        await post(stage, f"/payments/{payment_id}/cancel", {"reason": "Zebulon Canary called"})
        assert "anary" not in json.dumps(stage.server.journal.read(), default=str)
