"""The examples of orders and payments in openapi.yaml: requests that are carried out, and answers that are valid."""

from typing import Any

from contracts.binding import Document
from reference_server.documents import OPENAPI
from tests.reference_server.apis.payments.shop import get, post, sandbox_says
from tests.reference_server.stage import staged

ROOT: Any = Document.load(OPENAPI).root
PATHS: Any = ROOT["paths"]


def examples_of(path: str) -> dict[str, Any]:
    """Return the example bodies of a post."""
    examples = PATHS[f"/api/v1{path}"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    return {name: example["value"] for name, example in examples.items()}


async def test_every_example_of_a_request_is_carried_out() -> None:
    async with staged(sandbox_says()) as stage:
        for path in ("/orders", "/payments"):
            for name, body in examples_of(path).items():
                answer = await post(stage, path, body)
                assert answer.status_code == 201, (path, name, answer.text)
        await stage.advance(seconds=2)
        (held,) = (await get(stage, "/payments", state="AUTHORIZED"))["items"]
        for name, body in examples_of("/payments/{paymentId}/capture").items():
            answer = await post(stage, f"/payments/{held['id']}/capture", body)
            assert answer.status_code == (200 if name == "whole" else 409), (name, answer.text)


def test_every_example_of_an_answer_is_what_it_shows() -> None:
    document = Document.load(OPENAPI)
    shown = [
        PATHS["/api/v1/payments"]["post"]["responses"]["201"],
        PATHS["/api/v1/payments/{paymentId}"]["get"]["responses"]["200"],
    ]
    for response in shown:
        for example in response["content"]["application/json"]["examples"].values():
            assert document.violations_of("Payment", example["value"]) == ()
