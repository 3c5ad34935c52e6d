"""What a receiver of the suite keeps, and what of it breaks the document."""

import hmac
from base64 import b64encode
from hashlib import sha256

import pytest
import requests

from contracts.checks.webhooks_are_proven import Received
from contracts.suites.deliveries import judge_deliveries
from contracts.suites.receiver import REFUSED_EVERY, Receiver

SECRET = "whsec_" + b64encode(b"a secret of twenty-four!").decode()
PAID = {
    "type": "object",
    "required": ["event", "amount"],
    "properties": {"event": {"const": "paid"}, "amount": {"type": "integer"}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Sends", "version": "1"},
    "paths": {},
    "webhooks": {
        "paid": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": PAID}}},
                "responses": {},
            }
        }
    },
}


def sent(body: bytes, *, content_type: str = "application/json") -> Received:
    plain = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    standard = b64encode(hmac.digest(b"a secret of twenty-four!", b"evt_1.7." + body, sha256)).decode()
    headers = {
        "content-type": content_type,
        "webhook-id": "evt_1",
        "webhook-timestamp": "7",
        "webhook-signature": f"v1,{standard}",
        "x-webhook-signature": plain,
    }
    return Received(headers, body)


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (sent(b'{"event":"paid","amount":5}'), ""),
        (sent(b'{"event":"paid","amount":"5"}'), "a webhook that breaks its document"),
        (sent(b'{"event":"paid"}'), "a webhook that breaks its document"),
        (sent(b'{"event":"lost","amount":5}'), "a webhook that the document does not name"),
        (sent(b"[]"), "a webhook that the document does not name"),
        (sent(b'{"event":"paid","amount":5}', content_type="text/plain"), "a webhook that breaks its document"),
    ],
)
def test_a_webhook_is_held_to_the_document(one: Received, title: str) -> None:
    assert [found.title for found in judge_deliveries(DOCUMENT, [one], SECRET)] == ([title] if title else [])


def test_a_webhook_that_proves_nothing_is_found() -> None:
    one = sent(b'{"event":"paid","amount":5}')

    assert {found.title for found in judge_deliveries(DOCUMENT, [one], "whsec_AAAA")} == {"webhooks are proven"}


def test_a_receiver_keeps_every_attempt_and_refuses_some_first_ones() -> None:
    answers: list[int] = []
    with Receiver() as receiver, requests.Session() as session:
        session.trust_env = False
        for number in range(2 * REFUSED_EVERY):
            headers = {"Webhook-Id": f"evt_{number}"}
            answers += [session.post(receiver.url, b"{}", headers=headers).status_code for _ in range(2)]
        received = receiver.received

    refused = [number for number, status in enumerate(answers) if status != 200]
    assert refused == [0, 2 * REFUSED_EVERY]
    assert [one.answered for one in received] == answers
    assert received[0].webhook_id == "evt_0"
