"""The log: an operator learns where a bug is, and nobody learns from it what was sent."""

import json
import socket
import sqlite3
from pathlib import Path

import pytest
import structlog

from contracts.binding import Call
from reference_server.gateways.gateway import GatewayLine, Limits
from reference_server.log import configure_log, describe_exception
from reference_server.merchants.model import GatewayAccount
from reference_server.outgoing import OutgoingCall
from reference_server.settings import Settings
from tests.reference_server.apis.test_door import a_call
from tests.reference_server.test_cli import ORDER, serving

SECRET = "TOPSECRET"
SHOPPER = {"name": "Rahima Khatun", "email": "rahima@shop.example", "phone": "01711000000"}


def test_a_bug_in_a_served_call_is_told_with_its_place_and_without_what_was_sent(tmp_path: Path) -> None:
    headers = {"x-api-key": "key_test", "x-api-secret": "sec_test"}
    with serving(tmp_path) as (process, client):
        with sqlite3.connect(tmp_path / "server.db", isolation_level=None) as store:
            store.execute("PRAGMA foreign_keys=OFF")
            store.execute("DROP TABLE orders")
        answer = client.post("/payment/init", json=ORDER | {"customer": SHOPPER}, headers=headers)
        process.kill()
        told = process.stderr.read() if process.stderr else ""
    assert answer.status_code == 500
    (line,) = [json.loads(one) for one in told.splitlines()]
    assert (line["level"], line["operation"]) == ("error", "initPayment")
    assert "no such table: orders" in line["exception"]
    assert "opening.py" in line["exception"]
    assert [it for it in ("sec_test", "qwerty", *SHOPPER.values()) if it in told] == []


def test_requests_that_cannot_be_read_write_nothing_into_the_log(tmp_path: Path) -> None:
    parts = b'--b\r\nContent-Disposition: form-data; name="a\r\n' * 20
    with serving(tmp_path) as (process, client):
        client.post("/payment/ipn/x", content=parts, headers={"content-type": "multipart/form-data; boundary=b"})
        with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as wire:
            wire.sendall(b"G\x7fT / nothing\r\n\r\n")
            refused = wire.recv(100)
        process.kill()
        told = process.stderr.read() if process.stderr else ""
    assert (refused.startswith(b"HTTP/1.1 400"), told) == (True, "")


def fail(secret: str) -> None:
    try:
        int(secret)
    except ValueError as error:
        raise KeyError(secret) from error


def test_an_exception_is_described_by_type_and_place_with_what_led_to_it() -> None:
    with pytest.raises(KeyError) as raised:
        fail(SECRET)
    told = describe_exception(raised.value)
    assert SECRET not in told
    assert told.index("builtins.ValueError") < told.index("which led to") < told.index("builtins.KeyError")
    assert "test_log.py" in told


def test_an_error_of_the_machine_keeps_its_text() -> None:
    assert "OSError: disk full" in describe_exception(OSError("disk full"))


class FromPostgres(Exception):
    sqlstate = "22P02"


def test_an_error_of_postgresql_is_told_by_its_code_and_not_by_its_text() -> None:
    told = describe_exception(FromPostgres(f'invalid input syntax: "{SECRET}"'))
    assert told.endswith("FromPostgres (SQLSTATE 22P02)\n")
    assert SECRET not in told


def test_a_log_line_is_json_and_follows_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    try:
        fail(SECRET)
    except KeyError:
        structlog.get_logger().exception("it\nbroke", order="GW1")
    told = capsys.readouterr()
    line = json.loads(told.err)
    assert (told.out, line["event"], line["order"], SECRET in told.err) == ("", "it\nbroke", "GW1", False)
    structlog.get_logger().error("plain", exc_info=False)
    assert "exception" not in json.loads(capsys.readouterr().err)


def test_what_is_printed_of_our_values_shows_no_secret_and_nothing_that_was_sent() -> None:
    sent = {"x": SECRET}
    raw = SECRET.encode()
    known = a_call()
    call = Call(
        known.operation, sent, sent, sent, sent, raw, "a/b", ((b"x", raw),), raw, SECRET, None, "http", SECRET, sent,
        known.receive,
    )  # fmt: skip
    line = GatewayLine("default", sent, "http://g.test", caller=None, limits=Limits(1, 1))  # pyright: ignore[reportArgumentType]  # is not called
    account = GatewayAccount(merchant_id="mer_a", gateway="sslcommerz", credentials=sent, base_url="http://g.test")  # pyright: ignore[reportArgumentType]  # an id is text
    settings = Settings.model_validate({"sslcommerz_store_passwd": SECRET, "merchant_api_secret": SECRET})
    asked = OutgoingCall("validateOrder", "GET", SECRET, 1, body=raw, headers=sent)
    told = [repr(it) for it in (call, line, account, settings, asked)]
    assert [it for it in told if SECRET in it] == []
    assert "readStatus" in told[0]
