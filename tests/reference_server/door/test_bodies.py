"""How long a body may be, and what is said to a longer one."""

import pytest

from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, Stage, staged

KEYS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "content-type": "application/json"}
TEN_MEGABYTES = 10 * 1024 * 1024


async def post(stage: Stage, length: int) -> int:
    start, end = b'{"amount":"1.00","pad":"', b'"}'
    body = start + b"x" * (length - len(start) - len(end)) + end
    return (await stage.client.post("/payment/init", content=body, headers=KEYS)).status_code


async def test_json_is_read_up_to_ten_megabytes_and_refused_past_it() -> None:
    async with staged() as stage:
        assert [await post(stage, TEN_MEGABYTES), await post(stage, TEN_MEGABYTES + 1)] == [400, 413]


async def test_a_longer_body_is_refused_by_what_it_announces_before_it_is_read() -> None:
    async with staged() as stage:
        refused = await stage.client.post(
            "/payment/init", content=b"{}", headers=KEYS | {"content-length": str(TEN_MEGABYTES + 1)}
        )
        assert (refused.status_code, refused.json()["type"]) == (413, "urn:gatewright:problem:too-large")
        assert refused.headers["connection"] == "close"


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_forms_which_strangers_send_have_a_tenth_of_it(media_type: str) -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        headers = {"content-type": media_type}
        for path in (f"/payment/ipn/{session_id}", f"/payment/success/{session_id}"):
            answer = await stage.client.post(path, content=b"a" * (1_048_576 + 1), headers=headers)
            assert answer.status_code == 413


async def test_a_compressed_body_is_refused_unread() -> None:
    async with staged() as stage:
        refused = await stage.client.post("/payment/init", json=ORDER, headers=KEYS | {"content-encoding": "gzip"})
        assert refused.status_code == 415
