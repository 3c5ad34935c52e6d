"""verify_sign and verify_sign_sha2: the vendor's own sample and the synthetic vectors of the fact sheet (6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.gateways.gateway import Forged, Hearsay
from reference_server.gateways.sslcommerz.authenticity import base_string, sign_fields, verify_ipn

CREDENTIALS = {"store_id": "testbox", "store_passwd": "qwerty"}
VALUES = {"value_a": "", "value_b": "", "value_c": "", "value_d": ""}
CARD = {
    "card_brand": "VISA",
    "card_issuer": "TRUST BANK, LTD.",
    "card_issuer_country": "Bangladesh",
    "card_issuer_country_code": "BD",
    "card_no": "411111XXXXXX1111",
    "card_sub_brand": "Classic",
    "card_type": "VISA-Dutch Bangla",
}
COMMON = {"base_fair": "0.00", "currency": "BDT", "store_id": "testbox", "tran_date": "2026-01-01 12:00:00"} | VALUES
BDT = {"amount": "100.26", "currency_amount": "100.26", "currency_rate": "1.0000", "currency_type": "BDT"}
SAFE = {"risk_level": "0", "risk_title": "Safe"}

# Confidence A: published by the vendor (READMEs of sslcommerz-lib), recomputed with the SDK.
V0 = VALUES | {
    "amount": "10.00", "bank_tran_id": "200105225825DBgSoRGLvczhFjj", "base_fair": "0.00", "card_brand": "VISA",
    "card_issuer": "TRUST BANK, LTD.", "card_issuer_country": "Bangladesh", "card_issuer_country_code": "BD",
    "card_no": "418117XXXXXX6675", "card_type": "VISA-Dutch Bangla", "currency": "BDT", "currency_amount": "10.00",
    "currency_rate": "1.0000", "currency_type": "BDT", "risk_level": "0", "risk_title": "Safe", "status": "VALID",
    "store_amount": "9.75", "store_id": "test_testemi", "tran_date": "2020-01-05 22:58:21",
    "tran_id": "5E121A0D01F92", "val_id": "200105225826116qFnATY9sHIwo",
}  # fmt: skip
# Confidence A: accepted by sslcommerz-lib 1.0, sslcommerz-sdk 1.0.4 and sslcommerz-nodejs 1.0.8.
V1 = COMMON | BDT | CARD | SAFE | {
    "store_amount": "97.75", "bank_tran_id": "2601011200001SIMBANKTRAN01", "error": "", "status": "VALID",
    "tran_id": "SIM-0001", "val_id": "260101120000SIMVALID0001",
}  # fmt: skip
V2 = COMMON | BDT | CARD | {
    "bank_tran_id": "2601011200001SIMBANKTRAN02", "error": "Invalid expiration date", "status": "FAILED",
    "tran_id": "SIM-0002",
}  # fmt: skip
V3 = COMMON | BDT | {
    "bank_tran_id": "", "error": "Cancelled by User", "status": "CANCELLED", "tran_id": "SIM-0003",
}  # fmt: skip
V4 = V1 | {
    "amount": "1216.00", "store_amount": "1185.60", "currency_amount": "10.00", "currency_type": "USD",
    "currency_rate": "121.6000", "tran_id": "SIM-0004", "val_id": "260101120000SIMVALID0004", "value_a": "a=b&c",
    "value_b": "ঢাকা",
}  # fmt: skip

VECTORS = [
    (
        "test_testemi@ssl", V0, "d42fab70ae0bcbda5280e7baffef60b0",
        "02c0417ff467c109006382d56eedccecd68382e47245266e7b47abbb3d43976e",
    ),
    (
        "qwerty", V1, "c4628869bbb1bc56b4daedf42d63bcc6",
        "3016a6d5581b4a94a6341f28046633c00f9d6983d9454a6c2aba44d7e01e5244",
    ),
    (
        "qwerty", V2, "8cfca6bdb547a6f1ca5d2df979aa8be5",
        "14f1ec554926ae50ce2348a6c94e5051470e97d2e2e004d8f3146eee44cec201",
    ),
    (
        "qwerty", V3, "dfb46b844828c502641816eea3e84250",
        "5d29541b2cc89cc5daaaa42c60fa905f5a438c2ef8d35627bc5668b6b485968e",
    ),
    (
        "qwerty", V4, "0a71c173ee41eb5f9e577e84e94ac4dd",
        "0fbf894e8da75e8e456f046e1bdaae0b3ad04f47588945733915343cc23024bd",
    ),
]  # fmt: skip


def proven(fields: dict[str, str], md5: str, *, sha2: str) -> dict[str, str]:
    return fields | {"verify_key": ",".join(sorted(fields)), "verify_sign": md5, "verify_sign_sha2": sha2}


@pytest.mark.parametrize(("passwd", "fields", "md5", "sha2"), VECTORS)
def test_both_signs_are_the_vectors(passwd: str, fields: dict[str, str], md5: str, sha2: str) -> None:
    assert sign_fields("verify_sign", fields, store_passwd=passwd) == md5
    assert sign_fields("verify_sign_sha2", fields, store_passwd=passwd) == sha2


@pytest.mark.parametrize(("passwd", "fields", "md5", "sha2"), VECTORS)
def test_a_right_sign_makes_an_ipn_signed_hearsay(passwd: str, fields: dict[str, str], md5: str, sha2: str) -> None:
    credentials = {"store_id": fields["store_id"], "store_passwd": passwd}
    assert verify_ipn(proven(fields, md5, sha2=sha2), credentials) == Hearsay(is_signed=True)


@pytest.mark.parametrize("name", sorted(V1))
def test_changing_any_signed_field_is_a_forgery(name: str) -> None:
    _, fields, md5, sha2 = VECTORS[1]
    changed = proven(fields, md5, sha2=sha2) | {name: fields[name] + " "}
    assert isinstance(verify_ipn(changed, CREDENTIALS), Forged)


@pytest.mark.parametrize("sign", ["verify_sign", "verify_sign_sha2"])
def test_either_sign_alone_is_enough_and_both_must_be_right(sign: str) -> None:
    _, fields, md5, sha2 = VECTORS[1]
    told = proven(fields, md5, sha2=sha2)
    alone = {name: value for name, value in told.items() if name != sign}
    assert verify_ipn(alone, CREDENTIALS) == Hearsay(is_signed=True)
    assert isinstance(verify_ipn(told | {sign: "0"}, CREDENTIALS), Forged)


def test_an_ipn_without_any_sign_is_unsigned_hearsay() -> None:
    assert verify_ipn({"tran_id": "x", "status": "VALID"}, CREDENTIALS) == Hearsay(is_signed=False)


def test_fields_that_the_sender_left_out_of_the_sign_must_not_count() -> None:
    named = {name: value for name, value in V1.items() if name != "amount"}
    signs = {sign: sign_fields(sign, named, store_passwd="qwerty") for sign in ("verify_sign", "verify_sign_sha2")}
    told = V1 | signs | {"verify_key": ",".join(sorted(named))}
    verdict = verify_ipn(told, CREDENTIALS)
    assert isinstance(verdict, Forged)
    assert "amount" in verdict.note


def test_the_base_string_is_the_fact_sheets() -> None:
    # Fact sheet 6, "V3 md5 input".
    assert base_string(V3, "d8578edf8458ce06fbc5bb76a58c5ca4") == (
        "amount=100.26&bank_tran_id=&base_fair=0.00&currency=BDT&currency_amount=100.26&currency_rate=1.0000"
        "&currency_type=BDT&error=Cancelled by User&status=CANCELLED&store_id=testbox"
        "&store_passwd=d8578edf8458ce06fbc5bb76a58c5ca4&tran_date=2026-01-01 12:00:00&tran_id=SIM-0003"
        "&value_a=&value_b=&value_c=&value_d="
    )


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=40), max_size=8))
def test_no_fields_make_the_judge_raise_or_tell_the_secret(fields: dict[str, str]) -> None:
    verdict = verify_ipn(fields | {"verify_key": ",".join(fields), "verify_sign": "x"}, CREDENTIALS)
    assert isinstance(verdict, Forged)
    assert "qwerty" not in verdict.note.replace(str(fields), "")
    assert len(verdict.note) <= 2_000
