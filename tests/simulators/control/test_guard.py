"""Who may speak to the control plane: loopback hosts and configured ones, and no page of anybody else's."""

import pytest

from simulators.app import create_app
from simulators.settings import Settings
from tests.simulators.stands import Json, Stand, open_stand


async def status_for(stand: Stand, headers: list[tuple[str, str]]) -> int:
    url = f"{stand.urls['control']}/_control/health"
    return (await stand.client.get(url, headers=headers)).status_code


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9100", "127.8.8.8", "localhost", "LOCALHOST:1", "[::1]:9100", "panel.test"]
)
async def test_loopback_and_configured_hosts_are_answered(host: str) -> None:
    async with open_stand(control_hosts=["Panel.test"]) as stand:
        assert await status_for(stand, [("host", host)]) == 200


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "10.0.0.1", "", "[", "localhost.evil.test"])
async def test_other_hosts_are_refused(host: str) -> None:
    # A name that an attacker resolves to 127.0.0.1 (DNS rebinding) arrives with the attacker's Host.
    async with open_stand() as stand:
        assert await status_for(stand, [("host", host)]) == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:9100", 200),
        ("http://evil.test", 403),
        ("null", 403),
        ("https://127.0.0.1:9100", 403),
        ("http://127.0.0.1:9106", 403),
        ("", 403),
    ],
)
async def test_only_pages_of_its_own_origin_are_answered(origin: str, status: int) -> None:
    async with open_stand() as stand:
        assert await status_for(stand, [("host", "127.0.0.1:9100"), ("origin", origin)]) == status


async def test_two_hosts_are_none() -> None:
    app = create_app(Settings()).listeners["control"]
    scope = {"type": "http", "scheme": "http", "headers": [(b"host", b"localhost"), (b"Host", b"localhost")]}
    sent: list[Json] = []

    async def send(message: Json) -> None:
        sent.append(message)

    async def receive() -> Json:
        raise AssertionError("a refused request is not read")

    await app(scope, receive, send)
    assert sent[0]["status"] == 403


async def test_a_side_without_control_has_no_such_listener() -> None:
    async with open_stand(control=False) as stand:
        assert sorted(stand.urls) == ["merchant", "sslcommerz"]


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("application/json; charset=utf-8", 204),
        ("Application/JSON", 204),
        (None, 204),
    ],
)
async def test_what_a_form_or_a_notification_can_post_changes_nothing(media_type: str | None, status: int) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    async with open_stand() as stand:
        url = f"{stand.urls['control']}/_control/reset"
        assert (await stand.client.post(url, headers=headers)).status_code == status
        assert (await stand.client.delete(url.replace("reset", "faults"), headers=headers)).status_code == status


async def test_a_merchant_cannot_reset_the_world_by_its_ipn_address() -> None:
    async with open_stand() as stand:
        await stand.open_session(ipn_url=f"{stand.urls['control']}/_control/reset?account=default")
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        [exchange] = await stand.journal(operation="ipn")
        assert exchange["outcome"] == "refused_by_guard"
        assert len((await stand.control("GET", "/orders"))["orders"]) == 1
