"""Names and order of what goes over the wire, as fact sheet sections 4, 7 and 8 have them; XML that can be read."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Call
from simulators.gateways.sslcommerz import wire
from tests.simulators.stands import STORE, Stand, open_stand

CARD = "card_issuer card_brand card_sub_brand card_issuer_country card_issuer_country_code"
MONEY = "currency_type currency_amount currency_rate base_fair value_a value_b value_c value_d"
SENT = {
    "pay": "tran_id val_id amount card_type store_amount card_no bank_tran_id status tran_date error currency "
    f"{CARD} store_id verify_sign verify_key verify_sign_sha2 {MONEY} risk_level risk_title",
    "decline": "tran_id error status bank_tran_id currency tran_date amount store_id card_type card_no "
    f"{CARD} {MONEY} verify_sign verify_key verify_sign_sha2",
    "cancel": "status tran_id error bank_tran_id currency tran_date amount store_id "
    f"{MONEY} verify_sign verify_sign_sha2 verify_key",
}
VALIDATED = (
    "status tran_date tran_id val_id amount store_amount currency bank_tran_id card_type card_no card_issuer "
    f"card_brand card_category card_sub_brand card_issuer_country card_issuer_country_code {MONEY} emi_instalment "
    "emi_amount emi_description emi_issuer account_details risk_title risk_level discount_percentage discount_amount "
    "discount_remarks APIConnect validated_on gw_version offer_avail card_ref_id isTokeizeSuccess campaign_code"
)
QUERIED = (
    "status sessionkey tran_date tran_id val_id amount store_amount card_type card_no currency bank_tran_id "
    "card_issuer card_brand card_issuer_country card_issuer_country_code currency_type currency_amount "
    "emi_instalment emi_amount discount_percentage discount_remarks value_a value_b value_c value_d risk_level "
    "risk_title currency_rate base_fair validated_on gw_version"
)


async def act(stand: Stand, action: str) -> Mapping[str, str]:
    """Open an order, let the shopper act, and return the fields of the way back."""
    await stand.open_session()
    told = await stand.control("POST", "/shopper", body={"action": action, "order": "ORDER-1"})
    return told["return"]["fields"]


@pytest.mark.parametrize("action", SENT)
async def test_what_is_sent_has_the_captured_names_in_the_captured_order(action: str) -> None:
    async with open_stand() as stand:
        assert " ".join(await act(stand, action)) == SENT[action]


async def test_validation_tells_the_captured_names_in_the_captured_order() -> None:
    async with open_stand() as stand:
        paid = await act(stand, "pay")
        assert " ".join(await stand.validate(paid["val_id"])) == VALIDATED


async def test_queries_tell_the_names_of_the_table() -> None:
    async with open_stand() as stand:
        key = (await stand.open_session())["sessionkey"]
        assert " ".join(await stand.query(sessionkey=key)) == f"APIConnect {QUERIED}"
        [element] = (await stand.query(tran_id="ORDER-1"))["element"]
        assert " ".join(element) == f"{QUERIED} bank_gw emi_description emi_issuer error"


async def test_what_was_declined_has_neither_a_val_id_nor_a_store_amount() -> None:
    async with open_stand() as stand:
        await act(stand, "decline")
        [element] = (await stand.query(tran_id="ORDER-1"))["element"]
        assert (element["status"], element["val_id"], element["store_amount"]) == ("FAILED", "", "")
        assert (await stand.validate(""))["APIConnect"] == "INVALID_REQUEST"


@given(st.text())
def test_any_text_comes_through_xml_but_what_xml_cannot_hold(text: str) -> None:
    call = Call.__new__(Call)
    object.__setattr__(call, "raw_query", b"format=xml")
    answer = wire.render({"value_a": text, "element": [{"error": text}]}, call, media_type="text/html")
    told = ET.fromstring(answer.body)  # noqa: S314  # of our own making
    values = [told.findtext("value_a"), told.findtext("element/error")]
    assert all(len(value or "") == len(text) for value in values)
    assert all(one in {was, "\ufffd"} for value in values for one, was in zip(value or "", text, strict=True))


async def test_a_control_character_in_a_field_leaves_the_xml_readable() -> None:
    async with open_stand() as stand:
        await stand.open_session(value_a="a\x01<b>\x0c")
        url = f"{stand.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        answer = await stand.client.get(url, params={**STORE, "tran_id": "ORDER-1", "format": "xml"})
        told = ET.fromstring(answer.content)  # noqa: S314  # of our own making
        assert told.findtext("element/value_a") == "a\ufffd<b>\ufffd"


async def test_the_index_page_says_what_is_played_and_where_more_is_told() -> None:
    async with open_stand() as stand:
        page = await stand.client.get(f"{stand.urls['sslcommerz']}/")
        assert page.headers["content-type"].startswith("text/html")
        assert [word for word in ("api.php", "contracts/gateways/sslcommerz/quirks.md") if word not in page.text] == []
