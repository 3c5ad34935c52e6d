"""A merchant of the payments API on a virtual clock: settings in test mode, and the calls that stories are made of."""

from typing import Any

import httpx

from reference_server.settings import Settings
from tests.reference_server.stage import API_KEY, API_SECRET, SETTINGS, Stage

HEADERS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
UPI: dict[str, Any] = {"amount": 50_000, "method": "upi", "vpa": "rahul@okbank"}
PAN, CVV = "4111111111111111", "8274"
CARD: dict[str, Any] = {"number": PAN, "expiry_month": 12, "expiry_year": 2035, "cvv": "123", "name": "Rahul Sharma"}


def sandbox_says(*, succeeds: bool | None = True, delay: int | None = 1_000, **more: object) -> Settings:
    """Return settings under which every payment ends so after so many milliseconds, and nothing is to be delivered."""
    told = {"test_mode": True, "test_payment_success": succeeds, "test_processing_delay": delay}
    return SETTINGS.model_copy(update={"provisioning_url": None, **told, **more})


async def post(stage: Stage, path: str, body: Any, **headers: str) -> httpx.Response:
    """Ask as the merchant does."""
    return await stage.client.post(f"/api/v1{path}", json=body, headers=HEADERS | headers)


async def get(stage: Stage, path: str, **query: Any) -> Any:
    """Read as the merchant does, and expect that it is there."""
    answer = await stage.client.get(f"/api/v1{path}", params=query, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def created(stage: Stage, **changes: Any) -> str:
    """Return the id of a new payment by UPI."""
    answer = await post(stage, "/payments", UPI | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def ended(stage: Stage, **changes: Any) -> str:
    """Return the id of a payment that the sandbox has answered."""
    payment_id = await created(stage, **changes)
    await stage.advance(seconds=11)
    return payment_id
