"""What a line of the log looks like and leaves out: two formats, levels, secrets, cards, people, control characters."""

import json
import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from reference_server.changes import Change
from reference_server.log import configure_log
from reference_server.log_fields import blank_fields, flatten
from reference_server.operating.events import log_changes
from reference_server.redaction import Redaction
from reference_server.settings import LogFormat, LogLevel

# Document 004, section 4.1: [2024-01-01T12:00:00.000Z] [INFO] Creating Razorpay order
LINE = re.compile(r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] \[(DEBUG|INFO|WARNING|ERROR)\] (.*)$")
CAPTURED = Change("payment", "GW1", "PENDING", "CAPTURED", "captured", "the gateway says so")
SECRETS = {
    "api_secret": "sec_1", "X-Api-Secret": "sec_2", "store_passwd": "qwerty", "password": "hunter2", "cvv": "123",
    "trackingToken": "trk_1", "Authorization": "Bearer x", "phone": "01711000000", "email": "r@shop.example",
    "card_number": "4111111111111111", "customer": {"name": "Rahima"}, "otp": "112233",
}  # fmt: skip


@contextmanager
def restoring_the_log() -> Generator[None]:
    try:
        yield
    finally:
        configure_log()


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@restoring_the_log()
def test_the_text_format_is_the_documents(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log(LogFormat.TEXT, LogLevel.DEBUG)
    log = structlog.get_logger()
    log.info("Creating Razorpay order", order="GW1", amount=100)
    log.error("it\nbroke \x1b[31m", note='a "b"\nc')
    told = [LINE.match(line) for line in lines(capsys)]
    assert [found and found.groups() for found in told] == [
        ("INFO", 'Creating Razorpay order order="GW1" amount=100'),
        ("ERROR", r'it\nbroke \x1b[31m note="a \"b\"\nc"'),
    ]


@restoring_the_log()
@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.parametrize("level", LogLevel)
def test_only_lines_of_the_level_and_above_are_written(
    level: LogLevel, form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_log(form, level)
    for one in LogLevel:
        getattr(structlog.get_logger(), one.value)(f"a line at {one.value}")
    asked = [one for one in LogLevel if getattr(logging, one.name) >= getattr(logging, level.name)]
    assert [line.count("a line at") for line in lines(capsys)] == [1] * len(asked)


@restoring_the_log()
@pytest.mark.parametrize("form", LogFormat)
def test_secrets_people_and_cards_are_in_no_line(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    known = Redaction()
    known.hide(["s3cr3t/with?signs"])
    configure_log(form, LogLevel.INFO, known=known)
    inner = [{"secret": "abc"}, "card 4111 1111 1111 1111"]
    structlog.get_logger().info("asked s3cr3t/with?signs", **SECRETS, inner=inner)
    structlog.get_logger().info("url", where="https://g.test/x?store_passwd=topsecret&a=1&k=s3cr3t%2Fwith%3Fsigns")
    told = "\n".join(lines(capsys))
    plain = [value for value in SECRETS.values() if isinstance(value, str)]
    for secret in (*plain, "Rahima", "abc", "4111 1111", "s3cr3t", "topsecret"):
        assert secret not in told
    assert "***1111" in told
    assert "a=1" in told


def test_a_signature_is_shown_by_its_beginning_alone() -> None:
    signature = "ab" * 32
    told = blank_fields(None, "", {"x_webhook_signature": signature, "verify_sign": "x"})
    assert told["x_webhook_signature"] == f"{signature[:8]}…"


@given(st.integers(min_value=10**11, max_value=10**18 - 1))
def test_every_card_number_is_blanked_and_no_other_number(body: int) -> None:
    digits = [int(letter) for letter in str(body)]
    total = sum(sum(divmod(2 * it, 10)) if place % 2 == 0 else it for place, it in enumerate(reversed(digits)))
    check = -total % 10
    card, other = f"{body}{check}", f"{body}{(check + 1) % 10}"
    told = blank_fields(None, "", {"note": f"paid by {card}", "other": f"ref {other}"})
    assert told == {"note": f"paid by ***{card[-4:]}", "other": f"ref {other}"}


@given(st.text())
def test_what_is_flattened_is_one_line_that_no_terminal_obeys(text: str) -> None:
    assert flatten(text).isprintable()


@restoring_the_log()
def test_a_committed_change_is_a_line_with_the_request_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log(level=LogLevel.INFO)
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        log_changes([Change("payment", "GW1", "", "PENDING", "opened", "asked"), CAPTURED])
    created, captured = (json.loads(line) for line in lines(capsys))
    assert (created["event"], created["request_id"]) == ("payment created", "req_1")
    assert (captured["event"], captured["id"], captured["before"]) == ("payment captured", "GW1", "PENDING")
    assert "the gateway says so" not in captured.values()
    configure_log()
    log_changes([CAPTURED])
    assert lines(capsys) == []


def look_up(key: str) -> None:
    dict[str, str]()[key]


@restoring_the_log()
def test_what_libraries_log_of_a_bug_shows_its_place_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    try:
        look_up("TOPSECRET")
    except KeyError:
        logging.getLogger("asyncio").exception("Task exception\nfuture: <Task %s>", "TOPSECRET")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    (line,) = lines(capsys)
    assert json.loads(line)["event"] == "Task exception"
    assert "builtins.KeyError" in line
    assert "KeyError: " not in line
    assert "test_log_lines.py" in json.loads(line)["exception"]
