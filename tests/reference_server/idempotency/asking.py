"""Calls under idempotency keys, made by hand, and a small effect that can be counted."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from contracts.binding import Answer, Call, Operation
from reference_server.idempotency.asked import ask_under_key
from reference_server.ids import MerchantId
from reference_server.incarnation import Incarnation, count_start

MERCHANT = MerchantId("mer_one")


def a_call(  # one part of a request each
    body: object = None, *, key: str = "k-1", path: Mapping[str, Any] | None = None, operation: str = "createPayment"
) -> Call:
    async def receive() -> dict[str, object]:
        return {}

    return Call(
        operation=Operation(operation, "POST", "/x", (), {"x-idempotent": True}),
        path=path or {},
        query={},
        headers={"idempotency-key": key},
        body=body,
        raw_body=b"",
        media_type="application/json",
        raw_headers=((b"idempotency-key", key.encode("latin-1")),),
        raw_query=b"",
        raw_path="/x",
        client=None,
        scheme="http",
        host="server.test",
        extensions={},
        receive=receive,
    )


def ask(body: object = None, *, key: str = "k-1", merchant: MerchantId = MERCHANT, operation: str = "pay") -> None:
    """Be the call under way in this task."""
    ask_under_key(a_call(body, key=key, operation=operation), merchant)


def count(session: Session) -> Answer:
    """The effect: one more."""
    return Answer.json(201, {"n": count_start(session).starts}, headers=(("location", "/n"),))


def effects(session: Session) -> int:
    """Say how often the effect was had."""
    counted = session.get(Incarnation, 1)
    return counted.starts if counted else 0
