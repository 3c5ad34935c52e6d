"""An app of this process hears what it would hear over a socket."""

import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from scenarios.app_here import AppHere
from scenarios.control import Control, ControlError, control_here


async def read(receive: Receive) -> bytes:
    parts = list[bytes]()
    while True:
        message: Message = await receive()
        parts.append(message["body"])
        if not message.get("more_body"):
            return b"".join(parts)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer in two pieces with what was heard; the status is the path's last part."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    heard = {
        "method": scope["method"],
        "path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": headers,
        "body": (await read(receive)).decode(),
        "after": (await receive())["type"],
    }
    told = json.dumps(heard).encode()
    await send({"type": "http.response.start", "status": int(scope["path"].rpartition("/")[2]), "headers": []})
    await send({"type": "http.response.body", "body": told[:10], "more_body": True})
    await send({"type": "http.response.body", "body": told[10:]})


async def test_method_query_and_json_arrive_and_the_answer_comes_whole() -> None:
    status, told = await AppHere(echo).ask("POST", "/a b/201", query={"order": "A&B", "n": 1}, body={"name": "রহিমা"})

    heard = json.loads(told)
    assert (status, heard["method"], heard["path"], heard["query"]) == (201, "POST", "/a%20b/201", "order=A%26B&n=1")
    assert json.loads(heard["body"]) == {"name": "রহিমা"}
    assert heard["headers"]["content-type"] == "application/json"
    assert heard["headers"]["content-length"] == str(len(heard["body"].encode()))
    assert heard["after"] == "http.disconnect"


async def test_a_call_without_a_body_names_no_media_type() -> None:
    _, told = await AppHere(echo).ask("DELETE", "/204", query={}, body=None)

    heard = json.loads(told)
    assert (heard["body"], heard["query"]) == ("", "")
    assert set(heard["headers"]) == {"host", "user-agent"}


async def test_what_the_app_raises_is_raised() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await AppHere(broken).ask("GET", "/", query={}, body=None)


async def test_the_account_is_named_in_every_call_and_a_refusal_is_told() -> None:
    control: Control = control_here(echo).of_account("shop")

    assert (await control.get("/200", limit=3))["query"] == "account=shop&limit=3"
    with pytest.raises(ControlError, match="PUT /409: 409"):
        await control.put("/409", {})
