"""The signs of an IPN against the vectors, one of which the vendor itself published (fact sheet section 6, A)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sslcommerz_lib import SSLCOMMERZ
from sslcommerz_sdk.services import is_verify_sign_valid  # pyright: ignore[reportUnknownVariableType]  # it has no types

from simulators.gateways.gateway import Proof
from simulators.gateways.sslcommerz.authenticity import UNSIGNED, base_string, prove

FOLDER = Path(__file__).resolve().parents[4] / "contracts" / "gateways" / "sslcommerz"
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "vectors.json").read_text("utf-8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_is_proven_as_it_must_be(vector: dict[str, Any]) -> None:
    proven = prove(vector["fields"], vector["store_passwd"])
    assert proven == {name: vector[name] for name in ("verify_sign", "verify_key", "verify_sign_sha2")}


fields = st.dictionaries(st.text(min_size=1).filter(lambda name: name not in UNSIGNED), st.text(), min_size=1)


@given(fields, st.text(), st.randoms(use_true_random=False))
def test_neither_order_nor_an_earlier_proof_changes_the_signs(told: dict[str, str], password: str, chance: Any) -> None:
    shuffled = list(told.items())
    chance.shuffle(shuffled)
    assert prove({**prove(told, "other"), **dict(shuffled)}, password) == prove(told, password)


@given(fields, st.text(), st.text(), st.data())
def test_another_value_or_password_gives_other_signs(
    told: dict[str, str], password: str, other: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(told)))
    changed = told | {name: told[name] + " "}
    assert prove(changed, password)["verify_sign"] != prove(told, password)["verify_sign"]
    same = prove(told, other)["verify_sign_sha2"] == prove(told, password)["verify_sign_sha2"]
    assert same is (other == password)


@given(fields)
def test_forgers_know_no_password_and_base_strings_hold_none(told: dict[str, str]) -> None:
    assert prove(told, "qwerty", proof=Proof.MISSING) == {}
    forged, right = prove(told, "qwerty", proof=Proof.WRONG_KEY), prove(told, "qwerty")
    assert forged["verify_key"] == right["verify_key"]
    assert forged["verify_sign"] != right["verify_sign"]
    assert "qwerty" not in base_string({"status": "VALID"})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_hash_functions_of_two_sdks_agree_with_ours(vector: dict[str, Any]) -> None:
    told = vector["fields"] | prove(vector["fields"], vector["store_passwd"])
    wrong = told | {"amount": "0.01"}
    sdk: Any = SSLCOMMERZ({"store_id": "x", "store_pass": vector["store_passwd"], "issandbox": True})
    assert [bool(sdk.hash_validate_ipn(dict(one))) for one in (told, wrong)] == [True, False]
    assert [is_verify_sign_valid(vector["store_passwd"], dict(one)) for one in (told, wrong)] == [True, False]
