"""What an attempt carries, held against the package that receivers use."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from reference_server.activity import Activity
from reference_server.chance import Chance
from reference_server.clock import Clock
from reference_server.webhooks.draws import Draws
from reference_server.webhooks.signing import render_headers, render_secret, sign_standard

BODIES = st.text(max_size=200).map(str.encode) | st.just(b'{"amount":1.50,"name":"\xc3\xa9"}') | st.just(b"x" * 100_000)
KEYS = st.binary(min_size=24, max_size=64)


def now() -> int:
    """The machine's own time: the receivers' package compares stamps with it."""
    return int(Clock(Activity()).wall().timestamp())


@given(BODIES, KEYS, KEYS)
def test_the_receivers_package_believes_each_secret_in_force_and_no_other(body: bytes, key: bytes, old: bytes) -> None:
    secrets = [render_secret(key), render_secret(old)]
    headers = dict(render_headers(body, secrets, event_id="evt_1", stamp=now()))
    for secret in secrets:
        Webhook(secret).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(render_secret(sha256(key).digest())).verify(body, headers, json_parse=False)
    assert headers["x-webhook-signature"] == hmac.new(secrets[0].encode(), body, sha256).hexdigest()
    assert headers["x-webhook-signature-previous"] == hmac.new(secrets[1].encode(), body, sha256).hexdigest()


@pytest.mark.parametrize("member", ["webhook-id", "webhook-timestamp"])
def test_id_and_stamp_are_inside_the_signature(member: str) -> None:
    secret = render_secret(bytes(range(32)))
    headers = dict(render_headers(b"{}", [secret], event_id="evt_1", stamp=now()))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", headers | {member: f"{headers[member][:-1]}7x"}, json_parse=False)


def test_one_secret_carries_no_header_of_a_previous_one() -> None:
    assert "x-webhook-signature-previous" not in dict(
        render_headers(b"", [render_secret(b"x" * 24)], event_id="e", stamp=1)
    )


def test_the_published_vector_of_standard_webhooks_comes_out() -> None:
    # standard-webhooks/standard-webhooks, libraries/python/tests: the same in every language's tests.
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime(2021, 2, 25, 4, 6, 50, tzinfo=UTC)
    signed = sign_standard(b'{"test": 2432232314}', secret, event_id="msg_p5jXN8AQM9LWM0D4loKWxJek", stamp=1614265330)
    assert Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}').startswith("v1,")
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_drawn_secret_is_of_thirty_two_bytes_and_no_other_endpoints() -> None:
    draws = Draws(Chance())
    drawn = {draws.secret("shop") for _ in range(50)}
    assert len(drawn) == 50
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in drawn)
