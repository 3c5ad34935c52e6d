"""Secrets leave what is written down, however their names are spelt; everything else stays as it was."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.redaction import Redaction

REDACTION = Redaction({"store_passwd"})
SECRET = "s3cret"
FORM = "application/x-www-form-urlencoded"


def a_multipart(name: str) -> str:
    return (
        f'--b\r\nContent-Disposition: form-data; name="tran_id"\r\n\r\nA-1\r\n'
        f"--b\r\nContent-Disposition: form-data; name={name}\r\nContent-Type: text/plain\r\n\r\n{SECRET}\r\n--b--\r\n"
    )


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (f"tran_id=A-1&store_passwd={SECRET}&amount=1", FORM),
        (f"tran_id=A-1&STORE%5fpasswd={SECRET}", FORM),
        (f"store_passwd={SECRET}&tran_id=A-1", ""),
        (json.dumps({"tran_id": "A-1", "store_passwd": SECRET}), "application/json; charset=utf-8"),
        (json.dumps({"tran_id": "A-1", "a": [{"Store_Passwd": SECRET}]}, indent=1), "application/problem+json"),
        (f'{{"tran_id": "A-1", "store\\u005fpasswd" : "{SECRET}"', "application/json"),
        (f'{{"tran_id": "A-1", "store_passwd": "{SECRET}\\', "application/json"),
        (a_multipart('"store_passwd"'), "multipart/form-data; boundary=b"),
        (a_multipart("Store_Passwd"), "multipart/form-data; boundary=b"),
        (a_multipart('"store_passwd"'), ""),
    ],
)
def test_a_secret_is_blanked_and_its_neighbours_stay(body: str, media_type: str) -> None:
    told = REDACTION.body(body, media_type)
    assert SECRET not in told
    assert "A-1" in told


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_json_without_secrets_is_left_as_it_was(value: dict[str, object]) -> None:
    body = json.dumps({key: member for key, member in value.items() if key.strip().lower() != "store_passwd"})
    assert REDACTION.body(body, "application/json") == body


@given(st.dictionaries(st.text(), st.text()))
def test_a_form_keeps_every_other_field(fields: dict[str, str]) -> None:
    fields.pop("store_passwd", None)
    body = urlencode({"x": "", **fields})
    told = REDACTION.body(f"{body}&store_passwd={SECRET}", FORM)
    assert told == f"{body}&store_passwd=***"


@given(st.text())
def test_broken_json_loses_no_character(text: str) -> None:
    assert REDACTION.body("{" + text, "application/json").count("***") or REDACTION.body("{" + text, "") == "{" + text


def test_secret_headers_are_blanked() -> None:
    told = REDACTION.headers([(b"X-Api-Secret", b"s"), (b"host", b"a.test"), (b"Authorization", b"Basic x")])
    assert told == [("X-Api-Secret", "***"), ("host", "a.test"), ("Authorization", "***")]


# What costs its length is done in a blink; what costs the square of it would take hours, and is cut off here.
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    ['{"' + '\\"' * 250_000, '{"' + "\\" * 500_001, "--" + "name=a" * 80_000, '{"a\\":' * 80_000, "&" * 500_000],
    ids=["open string", "open escape", "names", "members", "pairs"],
)
def test_a_hostile_body_costs_no_more_than_its_length_and_loses_nothing(text: str) -> None:
    assert REDACTION.body(text, "") == text


KNOWING = Redaction({"store_passwd"}, known=lambda: ["", "gw@s\u00e9cret"])


@pytest.mark.parametrize(
    "text",
    [
        "/nothing/store_passwd=gw@s\u00e9cret/A-1",
        "/nothing/gw%40s%c3%A9cret/A-1",
        "A-1 %67w@s%C3%A9cret",
        '{"A-1": "g\\u0077@s\\u00E9cret"}',
        "--b\nContent-Disposition: form-data; name=store_passwd\n\ngw@s\u00e9cret\n--b--\nA-1",
    ],
)
def test_a_known_secret_is_blanked_wherever_and_however_it_stands(text: str) -> None:
    told = [KNOWING.text(text), KNOWING.query(text), KNOWING.body(text, ""), KNOWING.body(text, "application/json")]
    told += [KNOWING.headers([(b"referer", text.encode("latin-1"))])[0][1]]
    assert [one for one in told if "cret" in one or "A-1" not in one or "***" not in one] == []


@pytest.mark.parametrize("pair", ["store_passwd[]=s3cret", "store_passwd[x]=s3cret", "A=1;store_passwd=s3;cret"])
def test_a_secret_field_in_an_odd_shape_is_blanked_whatever_its_value(pair: str) -> None:
    assert "cret" not in REDACTION.query(f"tran_id=A-1&{pair}&b=2")
    assert REDACTION.query(f"tran_id=A-1&{pair}&b=2").endswith("=***&b=2")


def test_a_cookie_that_a_merchant_sets_is_blanked() -> None:
    assert REDACTION.headers([(b"Set-Cookie", b"session=s3cret; HttpOnly")]) == [("Set-Cookie", "***")]
