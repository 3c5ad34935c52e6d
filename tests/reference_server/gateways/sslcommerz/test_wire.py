"""Reading whatever the gateway answers: in our words, or as nonsense, and never as anything else."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.errors import GatewayError, GatewayNonsenseError, GatewayRefusedError
from reference_server.gateways.gateway import GatewayReport, GatewayWord
from reference_server.gateways.sslcommerz.notifications import read_ipn
from reference_server.gateways.sslcommerz.states import word_of_status
from reference_server.gateways.sslcommerz.wire import (
    parse_query_answer,
    parse_session_answer,
    parse_validation_answer,
)
from reference_server.money import Money

# Fact sheet 7, captured bodies (confidence B), cut to what is read.
VALID = {
    "status": "VALID",
    "tran_date": "2026-01-01 12:00:00",
    "tran_id": "SIM-0001",
    "val_id": "260101120000SIMVALID0001",
    "amount": "100.26",
    "store_amount": "97.75",
    "currency": "BDT",
    "currency_type": "BDT",
    "currency_amount": "100.26",
    "risk_level": "0",
    "APIConnect": "DONE",
    "offer_avail": 1,
    "isTokeizeSuccess": 0,
}


def read(**changes: object) -> GatewayReport:
    return parse_validation_answer(json.dumps(VALID | changes).encode())


def test_a_validated_payment_is_read_with_its_sums_and_capture_time() -> None:
    report = read()
    assert (report.word, report.reference, report.gateway_reference) == (
        GatewayWord.CAPTURED, "SIM-0001", "260101120000SIMVALID0001",
    )  # fmt: skip
    assert report.claims == (Money(10_026, "BDT"), Money(10_026, "BDT"))
    # Dhaka's noon is six o'clock in UTC.
    assert report.captured_at == datetime(2026, 1, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "claims"),
    [
        ({"amount": "69", "currency_amount": "69.00"}, (Money(6_900, "BDT"), Money(6_900, "BDT"))),
        ({"amount": 69, "currency_amount": 69.5}, (Money(6_900, "BDT"), Money(6_950, "BDT"))),
        ({"amount": "1216.00", "currency_type": "USD", "currency_amount": "10.00"}, (Money(1_000, "USD"),)),
        ({"currency_type": "", "currency_amount": ""}, (Money(10_026, "BDT"),)),
        ({"currency": "INR", "currency_type": None, "currency_amount": None}, (Money(10_026, "INR"),)),
    ],
)
def test_the_sums_that_count_are_those_in_the_shoppers_currency(
    changes: dict[str, object], claims: tuple[Money, ...]
) -> None:
    assert read(**changes).claims == claims


@pytest.mark.parametrize(
    ("status", "risk_level", "word"),
    [
        ("VALID", "0", GatewayWord.CAPTURED),
        ("VALIDATED", "", GatewayWord.CAPTURED),
        ("VALID", "1", GatewayWord.HELD),
        ("VALIDATED", "2", GatewayWord.HELD),
        ("FAILED", "1", GatewayWord.FAILED),
        ("CANCELLED", "", GatewayWord.CANCELLED),
        ("UNATTEMPTED", "", GatewayWord.EXPIRED),
        ("EXPIRED", "", GatewayWord.EXPIRED),
        ("PENDING", "", GatewayWord.PENDING),
        ("INVALID_TRANSACTION", "", GatewayWord.UNKNOWN),
        ("valid", "", None),
        ("", "", None),
    ],
)
def test_a_status_word_has_one_meaning(status: str, risk_level: str, word: GatewayWord | None) -> None:
    assert word_of_status(status, risk_level) is word


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "1E2"},
        {"amount": "100.505"},
        {"amount": None},
        {"amount": True},
        {"currency": "XXX"},
        # The shopper's own sum is right; what the gateway keeps, and could give back, is not known.
        {"currency_type": "USD", "currency_amount": "10.00", "amount": "1216.505"},
        {"currency_type": "USD", "currency_amount": "10.00", "currency": ""},
        {"status": "PAID"},
        {"APIConnect": None},
        {"APIConnect": "MAYBE"},
    ],
)
def test_an_answer_that_cannot_be_understood_is_nonsense(changes: dict[str, object]) -> None:
    with pytest.raises(GatewayNonsenseError):
        read(**changes)


@pytest.mark.parametrize("word", ["FAILED", "INACTIVE", "INVALID_REQUEST"])
def test_a_call_that_the_gateway_did_not_carry_out_is_refused(word: str) -> None:
    with pytest.raises(GatewayRefusedError):
        read(APIConnect=word, status="INVALID_TRANSACTION")


@pytest.mark.parametrize("tran_date", ["", "yesterday", "2026-13-01 00:00:00", "0001-01-01 00:00:00"])
def test_a_capture_time_that_cannot_be_read_is_none(tran_date: str) -> None:
    assert read(tran_date=tran_date).captured_at is None


def test_a_query_by_session_is_one_record_and_by_tran_id_a_list() -> None:
    flat = parse_query_answer(json.dumps(VALID).encode())
    several = {"APIConnect": "DONE", "no_of_trans_found": 2, "element": [VALID, VALID | {"status": "FAILED"}]}
    assert [report.word for report in flat] == [GatewayWord.CAPTURED]
    assert [report.word for report in parse_query_answer(json.dumps(several).encode())] == [
        GatewayWord.CAPTURED, GatewayWord.FAILED,
    ]  # fmt: skip


@pytest.mark.parametrize("element", [[], None, "", {}, [[]], [None], [{}]])
def test_an_empty_query_in_any_shape_knows_of_nothing(element: object) -> None:
    told = {"APIConnect": "DONE", "no_of_trans_found": 0, "element": element}
    assert parse_query_answer(json.dumps(told).encode()) == ()


def test_a_query_that_was_carried_out_and_has_no_status_knows_of_nothing() -> None:
    assert parse_query_answer(b'{"APIConnect": "DONE"}')[0].word is GatewayWord.UNKNOWN


def test_a_refused_session_says_why_even_without_a_reason() -> None:
    with pytest.raises(GatewayRefusedError, match="no reason"):
        parse_session_answer(b'{"status": "FAILED"}')


def test_an_ipn_with_a_status_of_its_own_is_nonsense() -> None:
    with pytest.raises(GatewayNonsenseError):
        read_ipn({"tran_id": "x", "status": "PAID"})


def test_an_ipn_is_the_same_whatever_the_order_of_its_fields_and_another_with_any_other_value() -> None:
    one = {"tran_id": "x", "status": "VALID", "val_id": "v"}
    assert read_ipn(one).identity == read_ipn(dict(reversed(one.items()))).identity
    assert read_ipn(one).identity != read_ipn(one | {"val_id": "w"}).identity
    assert read_ipn(one).identity != read_ipn(one | {"more": ""}).identity


def test_a_signed_ipn_is_the_same_whatever_stands_beside_its_sign_and_however_its_bytes_are_parted() -> None:
    one = {"amount": "1.00", "bank_tran_id": "b", "tran_id": "x", "status": "VALID", "val_id": "v"}
    signed = one | {"verify_key": ",".join(sorted(one)), "verify_sign": "0"}
    beside = signed | {"more": "", "verify_sign_sha2": "1", "verify_key": ",".join(one) + ",amount"}
    parted = {**beside, "amount": "1.00&bank_tran_id=b", "verify_key": "amount,tran_id,status,val_id"}
    assert len({read_ipn(told).identity for told in (signed, beside, parted)}) == 1
    assert read_ipn(signed | {"val_id": "w"}).identity != read_ipn(signed).identity


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*VALID, "element"]), inner),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=200), json_values.map(json.dumps).map(str.encode)))
def test_no_answer_raises_anything_but_blame_on_the_gateway(body: bytes) -> None:
    for parse in (parse_session_answer, parse_validation_answer, parse_query_answer):
        with suppress(GatewayError):
            parse(body)


@given(st.dictionaries(st.sampled_from(sorted(VALID)), json_values))
def test_no_change_of_a_right_answer_raises_anything_but_blame_on_the_gateway(changes: dict[str, object]) -> None:
    body = json.dumps(VALID | changes).encode()
    for parse in (parse_validation_answer, parse_query_answer):
        with suppress(GatewayError):
            parse(body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"1e999999999", b'{"amount":1e999999999}'])
def test_hostile_json_is_nonsense_in_bounded_time(body: bytes) -> None:
    with pytest.raises(GatewayNonsenseError):
        parse_validation_answer(body)
