"""Whatever is sent: an answer in bounded time, never a 5xx, and nothing changed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.app import Server
from tests.reference_server.stage import API_KEY, API_SECRET, staged

JSON = {"content-type": "application/json"}
AUTH = {"x-api-key": API_KEY, "x-api-secret": API_SECRET} | JSON
FORM = {"content-type": "application/x-www-form-urlencoded"}
NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/payment/init", AUTH, b'{"amount": "' + b"1" * 20_000_000 + b'"}', 413),
        ("/payment/init", AUTH, NESTED, 400),
        ("/payment/init", AUTH, b'{"amount": 1e999999999}', 400),
        ("/payment/init", AUTH, b'{"amount": ' + b"9" * 400 + b"}", 400),
        ("/payment/init", AUTH, b'{"a": "\\u0000"}', 400),
        ("/payment/init", AUTH, b'{"a": "\xff"}', 400),
        ("/payment/init", AUTH | {"content-type": "application/json; charset=utf-16"}, b"{}", 400),
        ("/payment/init", AUTH | {"content-type": "text/plain"}, b"{}", 415),
        ("/payment/init", AUTH, b"", 400),
        ("/payment/ipn/ses_x", FORM, b"&".join(b"f%d=1" % number for number in range(10_000)), 413),
        ("/payment/ipn/ses_x", FORM, b"tran_id=" + b"x" * 20_000_000, 413),
        ("/payment/ipn/ses_x", FORM, b"tran_id=%00&status=VALID", 400),
        ("/payment/ipn/ses_x", FORM, b"tran_id=%ff&status=VALID", 400),
        ("/payment/ipn/ses_x", {"content-type": "multipart/form-data"}, b"no boundary", 400),
        ("/payment/ipn/ses_x", {"content-type": "application/json"}, b"{}", 415),
        ("/payment/success/ses_x", FORM, b"x" * 20_000_000, 413),
        ("/" + "a/" * 5_000, FORM, b"", 404),
    ],
)
async def test_what_is_too_much_or_cannot_be_read_is_refused(
    path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    async with staged() as stage:
        answer = await stage.client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        orders: Any = await stage.server.control.list_orders()
        assert orders["orders"] == []


paths = st.sampled_from(
    [
        "/payment/init", "/payment/success/{}", "/payment/fail/{}", "/payment/cancel/{}", "/payment/ipn/{}",
        "/payment/status/{}", "/_control/clock", "/_control/clock/advance", "/_control/journal", "/_control/accounts",
        "/_control/orders", "/_control/seed", "/_control/due", "/{}",
    ]
)  # fmt: skip
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["amount", "customer", "items", "name", "quantity", "email", "phone", "now", "seed", "to"]),
            inner,
        )
    ),
    max_leaves=15,
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]),
        "path": st.tuples(paths, st.text(max_size=12)).map(lambda it: it[0].replace("{}", it[1])),
        "query": st.binary(max_size=30),
        "type": st.sampled_from([*JSON.values(), *FORM.values(), "multipart/form-data; boundary=x", "text/plain", ""]),
        "body": st.binary(max_size=60) | values.map(json.dumps).map(str.encode),
    }
)


async def answer_of(server: Server, request: dict[str, Any]) -> int:
    """Ask without a client, so that not even a URL is made right on the way."""
    path = str(request["path"]).encode("utf-8", "replace")
    headers = AUTH | {"content-type": request["type"], "host": "localhost"}
    scope: dict[str, Any] = {
        "type": "http",
        "method": request["method"],
        "path": path.decode(),
        "raw_path": path,
        "query_string": request["query"],
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": request["body"], "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await server.asgi(scope, receive, send)
    return sent[0]["status"]


@given(st.lists(requests, min_size=5, max_size=20))
async def test_no_request_is_answered_with_our_blame(several: list[dict[str, Any]]) -> None:
    async with staged() as stage:
        for request in several:
            status = await answer_of(stage.server, request)
            assert status < 500 or status in {502, 504}, request
