"""Rules that meet the same answers: whatever they make of them, no call fails by us, and it ends when they end."""

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.counts import large
from tests.simulators.stands import NO_SETTINGS, ORDER, STORE, Json, Stand, open_stand

SECOND = 0.001
FAULTS: list[Json] = [
    {"status": {"code": 204}},
    {"status": {"code": 404, "body": "kept"}},
    {"status": {"code": 403, "work": "skipped"}},
    {"delay": {"by_seconds": SECOND}},
    {"cut_body": {"after_bytes": 0}},
    {"cut_body": {"ending": "reset"}},
    {"wrong_length": {"by": 7}},
    {"wrong_length": {"by": -100_000}},
    {"slow_drip": {"chunk": 500, "every_seconds": SECOND}},
    {"malformed_body": {"how": "empty"}},
    {"malformed_body": {"how": "garbage"}},
    {"content_type": {"as": "text/plain"}},
    {"wrong_schema": {"how": "other_type"}},
    {"rate_limit": {"after": 1}},
    {"redirect": {"to": "/"}},
    *(
        {name: NO_SETTINGS}
        for name in (
            *("reset_before_work", "reset_after_work", "malformed_body", "wrong_schema", "html_page", "stale_state"),
            *("other_order", "early"),
        )
    ),
]
UNCLOSED, BROKEN = {"malformed_body": {"how": "unclosed"}}, {"wrong_schema": NO_SETTINGS}


@given(st.lists(st.sampled_from(FAULTS), max_size=6))
@example([UNCLOSED, BROKEN, {"stale_state": NO_SETTINGS}, {"other_order": NO_SETTINGS}, {"early": NO_SETTINGS}])
@settings(max_examples=large(300))
async def test_rules_in_any_number_and_order_fail_no_call_and_end_when_cleared(faults: list[Json]) -> None:
    async with open_stand(clock="system") as stand:
        for fault in faults:
            await stand.control("POST", "/faults", body={"faults": [fault]})
        for answer_format in ("json", "xml"):
            await ask_everything(stand, answer_format)
        await stand.control("DELETE", "/faults")
        await stand.open_session(tran_id="AFTER")
        outcome = await stand.control("POST", "/shopper", body={"order": "AFTER", "action": "pay"})
        assert (await stand.validate(outcome["return"]["fields"]["val_id"]))["status"] == "VALID"
        assert stand.side.accounts.get("default").activity.snapshot().is_calm


async def ask_everything(stand: Stand, answer_format: str) -> None:
    """Open, pay, confirm and ask; each answer is whole, broken on the wire, or what was asked for."""
    base, order = stand.urls["sslcommerz"], f"O-{answer_format}"
    await see(stand, "POST", f"{base}/gwprocess/v4/api.php", form={**STORE, **ORDER, "tran_id": order})
    paid = await stand.ask_control("POST", "/shopper", body={"order": order, "action": "pay"})
    val_id = paid.json()["return"]["fields"]["val_id"] if paid.status_code == 200 else "none"
    validator = f"{base}/validator/api/validationserverAPI.php"
    asker = f"{base}/validator/api/merchantTransIDvalidationAPI.php"
    await see(stand, "GET", validator, query={**STORE, "val_id": val_id, "format": answer_format})
    await see(stand, "GET", asker, query={**STORE, "tran_id": order, "format": answer_format})


async def see(stand: Stand, method: str, url: str, *, form: Json = None, query: Json = None) -> None:
    try:
        answer = await stand.client.request(method, url, data=form, params=query)
    except httpx.HTTPError:
        return
    assert answer.status_code < 500, answer.text
