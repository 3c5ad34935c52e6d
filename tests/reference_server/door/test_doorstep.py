"""What every answer bears and who is let in, over the wire of a started server."""

import gzip
from typing import Any

import httpx
import pytest

from contracts.binding import Document
from reference_server.documents import OPENAPI
from reference_server.settings import Environment
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage, staged

FRONT = "http://shop.test"
KEYS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
LIMITED = SETTINGS.model_copy(update={"rate_limit_merchant": "2/minute", "rate_limit_address": "4/minute"})
ENCRYPTED = SETTINGS.model_copy(
    update={"require_https": True, "public_url": "https://pay.example", "trusted_proxies": ("127.0.0.0/8",)}
)
STATUS = "/payment/status/ses_none"


async def journaled(stage: Stage) -> list[dict[str, Any]]:
    journal: Any = await stage.server.control.read_journal()
    return journal["exchanges"]


async def refused_origin(stage: Stage, origin: str) -> httpx.Response:
    return await stage.client.get(STATUS, headers={"origin": origin})


async def test_a_request_has_an_id_in_its_answer_and_in_the_journal() -> None:
    async with staged() as stage:
        answer = await stage.client.get(STATUS)
        request_id = answer.headers["x-request-id"]
        assert request_id.startswith("req_")
        assert ["x-request-id", request_id] in (await journaled(stage))[0]["answer"]["headers"]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", True),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", True),
        ("short", False),
        ("x" * 129, False),
        ("two words", False),
        ('req"}{"level":"info', False),
        ("-leading-dash", False),
    ],
)
async def test_an_id_is_taken_from_the_sender_only_if_it_is_one(given: str, *, is_taken: bool) -> None:
    async with staged() as stage:
        answer = await stage.client.get(STATUS, headers={"x-request-id": given})
        assert (answer.headers["x-request-id"] == given) is is_taken


async def test_absent_and_foreign_things_look_alike_but_for_the_id() -> None:
    async with staged() as stage:
        answers = [await stage.ask(f"/payment/refund/ses_{name}") for name in ("none", "nobody")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
        assert answers[0].headers.keys() == answers[1].headers.keys()


async def test_every_answer_is_safe_for_browsers_and_a_page_keeps_its_own_policy() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        answer, page = await stage.client.get(STATUS), await stage.client.get(f"/orders/{session_id}")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers.get_list("content-security-policy", split_commas=False) == [
        page.headers["content-security-policy"]
    ]


async def test_a_page_of_the_frontend_may_ask_and_read() -> None:
    async with staged() as stage:
        asked = {"origin": FRONT, "access-control-request-method": "POST"}
        preflight = await stage.client.options("/payment/init", headers=asked)
        answer = await refused_origin(stage, FRONT)
    assert (preflight.status_code, preflight.content) == (204, b"")
    for told in (preflight, answer):
        assert told.headers["access-control-allow-origin"] == FRONT
        assert told.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in told.headers["vary"]
    allowed = set(preflight.headers["access-control-allow-methods"].split(", "))
    # Document 004's, and what our own document has operations for.
    assert allowed == {"GET", "POST", "PUT", "DELETE", "OPTIONS"} | {
        it.method for it in Document.load(OPENAPI).operations
    }
    assert "PATCH" in allowed
    assert {"Content-Type", "Authorization"} <= set(preflight.headers["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://shop.test.evil.test", "https://shop.test", "é"])
async def test_pages_of_anybody_else_may_not(origin: str) -> None:
    async with staged() as stage:
        asked = [(b"origin", origin.encode()), (b"access-control-request-method", b"POST")]
        preflight = await stage.client.options("/payment/init", headers=asked)
        answer = await stage.client.get(STATUS, headers=asked[:1])
    assert preflight.status_code == 403
    assert not [name for told in (preflight, answer) for name in told.headers if name.startswith("access-control")]


async def test_a_session_is_read_by_the_pages_of_its_own_merchant_alone() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        own = await stage.client.get(f"/payment/status/{session_id}", headers={"origin": FRONT})
        # A known page too, but not of this merchant: our own.
        other = await stage.client.get(f"/payment/status/{session_id}", headers={"origin": "http://server.test"})
    assert own.headers.get_list("access-control-allow-origin") == [FRONT]
    assert other.headers["access-control-allow-origin"] == FRONT
    assert "access-control-allow-credentials" not in other.headers


async def test_who_asks_too_often_is_told_when_to_ask_again() -> None:
    async with staged(LIMITED) as stage:
        answers = [await stage.client.post("/payment/init", json=ORDER, headers=KEYS) for _ in range(3)]
        told = [(it.status_code, it.headers["ratelimit-limit"], it.headers["ratelimit-remaining"]) for it in answers]
        assert told == [(200, "2", "1"), (200, "2", "0"), (429, "2", "0")]
        refused = answers[-1]
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"] == "60"
        assert refused.json()["type"] == "urn:gatewright:problem:rate-limited"
        await stage.advance(seconds=60)
        assert (await stage.client.post("/payment/init", json=ORDER, headers=KEYS)).status_code == 200


async def test_an_address_is_limited_before_its_key_is_looked_at() -> None:
    async with staged(LIMITED) as stage:
        wrong = {"x-api-key": API_KEY, "x-api-secret": "guess"}
        answers = [await stage.client.post("/payment/init", json=ORDER, headers=wrong) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429, 429]


async def test_a_notification_is_never_kept_out() -> None:
    async with staged(LIMITED) as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        answers = [await stage.ipn(session_id, fields) for _ in range(8)]
        assert {answer.status_code for answer in answers} == {200}


async def test_unless_a_rate_is_set_development_has_none_and_production_has() -> None:
    production = SETTINGS.model_copy(update={"environment": Environment.PRODUCTION, "require_https": False})
    async with staged() as free, staged(production) as limited:
        told = [await stage.client.get(STATUS) for stage in (free, limited)]
        assert ["ratelimit-policy" in answer.headers for answer in told] == [False, True]


async def test_secrets_that_came_unencrypted_are_refused_and_nothing_happens() -> None:
    async with staged(ENCRYPTED) as stage:
        answer = await stage.client.post("http://pay.example/payment/init", json=ORDER, headers=KEYS)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:gatewright:problem:https-required")
        read = await stage.client.get(f"http://pay.example{STATUS}", headers=KEYS)
        assert (read.status_code, stage.gateway.calls.total()) == (403, 0)


async def test_a_browser_is_sent_on_to_our_own_name() -> None:
    async with staged(ENCRYPTED) as stage:
        answer = await stage.client.get("http://evil.test/orders/ses_1?a=b")
        assert (answer.status_code, answer.headers["location"]) == (308, "https://pay.example/orders/ses_1?a=b")


async def test_behind_our_own_proxy_it_is_encrypted_when_that_says_so() -> None:
    async with staged(ENCRYPTED) as stage:
        for proto, status in (("https", 404), ("http", 308)):
            told = {"x-forwarded-proto": proto, "x-forwarded-for": "198.51.100.1"}
            answer = await stage.client.get(f"http://127.0.0.1{STATUS}", headers=told)
            assert answer.status_code == status
        assert "strict-transport-security" not in answer.headers


async def test_this_machine_and_operators_may_ask_without() -> None:
    async with staged(ENCRYPTED) as stage:
        assert (await stage.client.get(f"http://127.0.0.1:8000{STATUS}")).status_code == 404
        assert (await stage.client.get("http://pay.example/health/live")).status_code == 200


async def test_production_wants_encryption_by_itself() -> None:
    production = SETTINGS.model_copy(update={"environment": Environment.PRODUCTION})
    assert (production.is_https_required, SETTINGS.is_https_required) == (True, False)


async def test_a_long_answer_is_compressed_for_who_can_read_it() -> None:
    async with staged() as stage:
        file = "/pages/look.css"
        plain = await stage.client.get(file, headers={"accept-encoding": "identity"})
        packed = await stage.client.send(stage.client.build_request("GET", file), stream=True)
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
        posted = await stage.init()
    assert (packed.headers["content-encoding"], gzip.decompress(raw)) == ("gzip", plain.content)
    assert len(raw) < len(plain.content)
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in posted.headers
    assert "Accept-Encoding" in packed.headers["vary"]
