"""What stays of a value in an erasure: our own words and the facts of the money, and nothing that came from outside."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.columns import encode_json, read_json, store_json
from reference_server.privacy.blanking import (
    ERASED,
    members_without_values,
    money_facts,
    own_words,
    said_so,
    told_without_shopper,
)

OUTSIDE = st.text(min_size=1, max_size=30).map(lambda text: f"canary {text}")
JSON = st.recursive(
    OUTSIDE | st.none() | st.booleans() | st.integers(-(10**9), 10**9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "element", "card_no", "x"]), inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("cause", "kept"),
    [
        ("the gateway confirmed the money", "the gateway confirmed the money"),
        ("the gateway says pending", "the gateway says pending"),
        ("the money came after CANCELLED", "the money came after CANCELLED"),
        ("the gateway says 1.00 BDT; the order is 100.50 BDT", "the gateway says 1.00 BDT; the order is 100.50 BDT"),
        ("merchant: 20.00 BDT, Rahima sent it back", "merchant: 20.00 BDT"),
        ("a person decided: accept (called Rahima)", "a person decided: accept"),
        (
            "refused, paid already: the gateway confirmed the money",
            "refused, paid already: the gateway confirmed the money",
        ),
        ("refused, goes back: Rahima's card", "refused, goes back: erased"),
        ("the gateway refused: Rahima's card is closed", "the gateway refused: erased"),
        ("the provisioning call failed: HTTP 500 no Rahima here", "the provisioning call failed: erased"),
        ("Rahima did not answer the phone", ERASED),
        ("", ""),
    ],
)
def test_of_a_cause_our_own_words_stay(cause: str, kept: str) -> None:
    assert own_words(cause) == kept


@given(
    st.sampled_from(["", "refused: ", "merchant: 1.00 BDT, ", "a person decided: waive (", "the gateway says "]),
    OUTSIDE,
)
def test_nobody_elses_words_stay_in_a_cause_whatever_they_are(beginning: str, outside: str) -> None:
    kept = own_words(f"{beginning}{outside}")
    assert "canary" not in str(kept)
    assert own_words(kept) == kept


@given(JSON)
def test_of_a_gateways_answer_no_sentence_stays(answer: object) -> None:
    kept = money_facts(store_json(answer))
    assert "canary" not in str(kept)
    assert money_facts(kept) == kept


def test_the_facts_of_the_money_stay_in_a_gateways_answer() -> None:
    answer = {
        "status": "VALID", "amount": "100.50", "tran_date": "2030-01-01 06:01:00", "card_issuer": "canary", "rate": 1,
        "element": [{"val_id": "2601", "cus_name": "canary"}],
    }  # fmt: skip
    assert read_json(str(money_facts(store_json(answer)))) == {
        "status": "VALID", "amount": "100.50", "tran_date": "2030-01-01 06:01:00", "element": [{"val_id": "2601"}],
    }  # fmt: skip
    assert money_facts("<html>canary</html>") == ""
    assert read_json(str(money_facts(store_json({"amount": Decimal("1.10")})))) == {"amount": Decimal("1.10")}


@given(st.dictionaries(st.sampled_from(["name", "email", "phone"]), OUTSIDE))
def test_a_webhooks_body_keeps_its_shape_without_the_shopper(customer: dict[str, str]) -> None:
    body = {"id": "evt_1", "amount": 5, "customer": customer, "error_description": "canary", "error_code": "declined"}
    kept = told_without_shopper(encode_json(body))
    assert isinstance(kept, bytes)
    assert msgspec.json.decode(kept) == body | {"customer": dict.fromkeys(customer, ""), "error_description": None}
    assert told_without_shopper(kept) == kept


def test_what_is_no_json_is_no_answer_of_ours_and_stays() -> None:
    assert told_without_shopper(b"recorded") == b"recorded"
    assert told_without_shopper(b"") == b""


def test_of_a_text_and_of_members_it_stays_that_they_were_there() -> None:
    assert (said_so("Rahima"), said_so("")) == (ERASED, "")
    assert members_without_values({"name": "Rahima"}) == {"name": ""}
