"""Webhooks that prove what they say, and every way in which they fail to."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from standardwebhooks import Webhook

from contracts.checks.webhooks_are_proven import Received, webhooks_are_proven

# Standard Webhooks 1.0.0, symmetric example key; the vendor's own package signs, so that two readings agree.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"event":"payment.success","note":"৳"}'.encode()
AT = datetime(2030, 1, 1, tzinfo=UTC)


def signed(body: bytes = BODY, *, webhook_id: str = "evt_1") -> Received:
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(AT.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(webhook_id, AT, body.decode()),
        "x-webhook-signature": hmac.new(SECRET.encode(), body, sha256).hexdigest(),
    }
    return Received(headers, body)


def without(name: str, value: str | None = None) -> Received:
    one = signed()
    headers = {known: said for known, said in one.headers.items() if known != name}
    return replace(one, headers=headers if value is None else {**headers, name: value})


def test_what_is_signed_by_the_standards_own_package_is_proven() -> None:
    assert list(webhooks_are_proven([signed(), signed(), signed(b'{"a":1}', webhook_id="evt_2")], SECRET)) == []


@pytest.mark.parametrize(
    "one",
    [
        without("x-webhook-signature"),
        without("x-webhook-signature", "0" * 64),
        without("webhook-signature"),
        without("webhook-signature", "v1,AAAA"),
        without("webhook-id"),
        without("webhook-timestamp"),
        without("webhook-timestamp", "2030-01-01"),
        without("webhook-timestamp", "1893456001"),
    ],
)
def test_what_lacks_a_proof_or_shows_a_wrong_one_is_found(one: Received) -> None:
    assert list(webhooks_are_proven([one], SECRET))


@pytest.mark.parametrize("one", [without("webhook-id"), without("webhook-timestamp", "2030-01-01")])
def test_of_a_standards_webhook_without_id_or_stamp_just_that_is_told(one: Received) -> None:
    assert [broken.expected for broken in webhooks_are_proven([one], SECRET)] == [
        "webhook-id, and webhook-timestamp in seconds"
    ]


def test_an_attempt_that_says_other_than_the_first_is_found() -> None:
    found = list(webhooks_are_proven([signed(), signed(b'{"event":"payment.failed"}')], SECRET))

    assert [one.expected for one in found] == ["evt_1: the bytes of its first attempt"]


def test_a_secret_of_the_merchants_own_making_is_the_key_as_it_stands() -> None:
    found = [one.expected for one in webhooks_are_proven([signed()], "a-merchants-own secret!")]

    assert len(found) == 2
