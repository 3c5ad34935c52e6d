"""Whose key and secret a request bears is asked before any operation that the document keeps for merchants."""

import re
from typing import Any

import pytest

from contracts.binding import Document, Operation
from reference_server.documents import OPENAPI
from tests.reference_server.stage import API_KEY, API_SECRET, staged

DOCUMENT = Document.load(OPENAPI)
OPERATIONS = [one for one in DOCUMENT.operations if one.extensions.get("x-authentication") == "merchant"]
STRANGERS = {
    "nobody": {},
    "a key alone": {"x-api-key": API_KEY},
    "a secret alone": {"x-api-secret": API_SECRET},
    "another secret": {"x-api-key": API_KEY, "x-api-secret": f"{API_SECRET}x"},
    "another key": {"x-api-key": f"{API_KEY}x", "x-api-secret": API_SECRET},
    "the two exchanged": {"x-api-key": API_SECRET, "x-api-secret": API_KEY},
}


def found(told: Any) -> Any:
    """Return what a reference within the document leads to, or the thing itself."""
    while "$ref" in told:
        names, told = told["$ref"].split("/")[1:], DOCUMENT.root
        for name in names:
            told = told[name]
    return told


def body_of(operation: Operation) -> Any:
    """Return the document's own first example of a body, or nothing for an operation that takes none."""
    told = found(found(DOCUMENT.root)["paths"][operation.path])[operation.method.lower()]
    if "requestBody" not in told:
        return None
    media = found(told["requestBody"])["content"]["application/json"]
    return found(next(iter(media["examples"].values())))["value"]


def test_the_payments_api_is_for_merchants_but_for_registering_and_the_test_endpoint() -> None:
    ours = [one for one in DOCUMENT.operations if one.path.startswith("/api/v1/")]
    open_to_all = {one.operation_id for one in ours if one not in OPERATIONS}
    assert open_to_all == {"registerMerchant", "readJobsStatus"}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
async def test_without_key_and_secret_of_one_merchant_nothing_is_told_or_done(headers: dict[str, str]) -> None:
    async with staged() as stage:
        for operation in OPERATIONS:
            path = re.sub(r"\{\w+\}", "x", operation.path)
            answer = await stage.client.request(operation.method, path, json=body_of(operation), headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:gatewright:problem:unauthenticated")
        assert (await stage.ask("/api/v1/orders")).json()["total"] == 0


async def test_the_documents_headers_let_in_and_what_was_sent_is_then_looked_at() -> None:
    async with staged() as stage:
        stage.client.headers.update({"X-Api-Key": API_KEY, "X-Api-Secret": API_SECRET})
        assert (await stage.client.get("/api/v1/merchants/me")).status_code == 200
        assert (await stage.client.post("/api/v1/payments", json={"amount": -1})).status_code == 400
