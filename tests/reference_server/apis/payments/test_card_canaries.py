"""Card data as canaries in every place that a request has: none of it is stored, logged, journaled or answered."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session

from tests.reference_server.apis.payments.shop import HEADERS, PAN, UPI, sandbox_says
from tests.reference_server.stage import Stage, staged

GROUPED, CVV, NAME = "4111 1111 1111 1111", "8274", "Zebulon Canary"
AMEX = "378282246310005"
JSON = {"content-type": "application/json"}
CARD: dict[str, Any] = {"number": PAN, "expiry_month": 12, "expiry_year": 2035, "cvv": "827", "name": NAME}
CANARIES = (PAN, GROUPED, AMEX, '"8274"', '"827"', NAME)


def kept_by(stage: Stage) -> str:
    """Return all that the server holds: every column of every table, and the whole journal."""
    rows: list[str] = []

    def look(session: Session) -> None:
        # The tables as they are stored.
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            rows.extend(str(tuple(row)) for row in connection.execute(text(f'select * from "{table}"')))  # noqa: S608  # the engine's own names of tables

    stage.server.database.read_now(look)
    return "\n".join(rows) + json.dumps(stage.server.journal.read(), default=str)


def assert_clean(told: str) -> None:
    flat = told.replace("\\", "")
    assert [canary for canary in CANARIES if canary in flat] == []


BODIES: list[tuple[str, Any]] = [
    ("/payments", {"amount": 5000, "method": "card", "card": CARD}),
    ("/payments", {"amount": 5000, "method": "card", "card": CARD | {"number": GROUPED}}),
    ("/payments", {"amount": 5000, "method": "card", "card": CARD | {"number": AMEX, "cvv": CVV}}),
    ("/payments", {"amount": 5000, "method": "card", "card": CARD | {"number": int(PAN)}}),
    ("/payments", {"amount": 5000, "method": "card", "card": CARD | {"cvv": CVV}}),
    ("/payments", {"amount": 0, "method": "card", "card": CARD}),
    ("/payments", {"amount": 5000, "method": "card", "card": CARD | {"expiry_year": 2000}}),
    ("/payments", {"amount": 5000, "method": "card", "card": {PAN: PAN}}),
    ("/payments", UPI | {"vpa": f"{PAN}@upi", "card": CARD}),
    ("/payments", UPI | {"order_id": PAN}),
    ("/payments", UPI | {"notes": {"x": GROUPED}}),
    ("/payments", UPI | {"notes": {PAN: "x"}}),
    ("/payments", UPI | {"customer": {"name": AMEX}}),
    ("/payments", UPI | {PAN: 1}),
    ("/orders", {"amount": 5000, "receipt": PAN}),
    ("/orders", {"amount": 5000, "notes": {"x": PAN}}),
    ("/payments/pay_x/cancel", {"reason": f"paid with {PAN}"}),
    (f"/payments/{PAN}/capture", {}),
    (f"/payments?x={PAN}", {}),
]


async def test_no_card_data_is_kept_or_told(capfd: pytest.CaptureFixture[str]) -> None:
    async with staged(sandbox_says(succeeds=False)) as stage:
        for path, body in BODIES:
            answer = await stage.client.post(f"/api/v1{path}", json=body, headers=HEADERS)
            assert answer.status_code < 500, path
            read = await stage.client.get(f"/api/v1/orders/{PAN}", headers=HEADERS)
            await stage.advance(seconds=10)
            told = capfd.readouterr()
            assert_clean(kept_by(stage) + read.text + told.out + told.err)
            if answer.status_code < 300:
                assert_clean(answer.text)


UNREADABLE = (
    json.dumps({"card": CARD}).encode()[:-4],
    json.dumps({"card": CARD | {"cvv": CVV}}).encode() + b"x",
    json.dumps({"card": CARD}).encode("utf-16"),
    f"card[number]={PAN}&card[cvv]={CVV}".encode(),
    b'{"pad":"' + b"x" * 17_000 + b'","card":' + json.dumps(CARD).encode() + b"}",
    b'{"card":' + json.dumps(CARD).encode() + b',"pad":"' + b"x" * 17_000 + b'"}',
    f'{{"amount":5000,"method":"card","card":{json.dumps(CARD)},"card":{json.dumps(CARD)}}}'.encode(),
)


async def test_a_body_that_cannot_be_read_leaves_no_card_data_either(capfd: pytest.CaptureFixture[str]) -> None:
    async with staged(sandbox_says()) as stage:
        for raw in UNREADABLE:
            for path in ("/api/v1/payments", "/api/v1/payments/", "/API/v1/nowhere"):
                answer = await stage.client.post(path, content=raw, headers=HEADERS | JSON)
                assert 400 <= answer.status_code < 500
        told = capfd.readouterr()
        kept = kept_by(stage).replace("\\u0000", "").replace("\\x00", "")
        assert PAN not in kept + told.out + told.err
        assert CVV not in json.dumps([one["request"] for one in stage.server.journal.read()], default=str)


async def test_a_request_whose_body_is_still_coming_shows_none_of_it() -> None:
    async with staged(sandbox_says()) as stage:
        seen: list[str] = []

        async def body() -> AsyncGenerator[bytes]:
            yield b'{"card": {"number": "'
            yield PAN.encode()
            seen.append(kept_by(stage))
            yield b'"}}'

        await stage.client.post("/api/v1/payments", content=body(), headers=HEADERS | JSON)
        assert_clean("".join(seen) + kept_by(stage))


async def test_all_but_the_card_is_still_in_the_journal() -> None:
    async with staged(sandbox_says()) as stage:
        await stage.client.post(
            "/api/v1/payments", json={"amount": 5000, "method": "card", "card": CARD}, headers=HEADERS
        )
        (exchange,) = [one for one in stage.server.journal.read() if one["operation"] == "createPayment"]
        request: Any = exchange["request"]
        assert json.loads(request["body"]) == {"amount": 5000, "method": "card", "card": "***"}
        assert exchange["changes"]
