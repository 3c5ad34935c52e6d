"""What is typed in on the checkout page: cards, mobiles, one-time passwords, and that none of it is kept."""

import json
from datetime import UTC, datetime

import pytest

from simulators.gateways.sslcommerz.cards import TEST_CARDS, CardMistakes, is_expiry, mask, passes_luhn, read_card
from simulators.gateways.sslcommerz.channels import allowed_channels, is_allowed_bin
from tests.simulators.stands import Json, Stand, open_stand

NOW = datetime(2031, 5, 31, tzinfo=UTC)
CARD = {"pan": "4242 4242 4242 4242", "expiry": "12/26", "cvv": "937"}


async def press(stand: Stand, part: str, **fields: str) -> str:
    """Open an order unless there is one, and send a form of its page."""
    orders = (await stand.control("GET", "/orders"))["orders"]
    session = orders[-1]["session"] if orders else (await stand.open_session())["sessionkey"]
    url = f"{stand.urls['sslcommerz']}/EasyCheckOut/testcde{session.lower()}/{part}"
    return (await stand.client.post(url, data=fields)).text


async def attempts(stand: Stand) -> Json:
    return (await stand.query(tran_id="ORDER-1"))["element"]


@pytest.mark.parametrize("number", TEST_CARDS)
def test_the_sandbox_cards_are_taken_whatever_luhn_says(number: str) -> None:
    # Fact sheet section 10 (B): two of the three are no card numbers by the check digit.
    assert not isinstance(read_card(number, cvv="111"), CardMistakes)
    assert passes_luhn(number) is number.startswith("4")


@pytest.mark.parametrize(
    ("number", "cvv", "wrong"),
    [
        ("4242424242424241", "111", {"pan"}),
        ("", "111", {"pan"}),
        ("4111 1111 1111 1111x", "111", {"pan"}),
        ("9999999999999995", "111", {"pan"}),
        ("4111111111111111", "1", {"cvv"}),
        ("4", "", {"pan", "cvv"}),
    ],
)
async def test_what_is_no_card_is_said_beside_the_field_and_is_no_try(number: str, cvv: str, wrong: set[str]) -> None:
    judged = read_card(number, cvv=cvv)
    assert isinstance(judged, CardMistakes)
    assert judged.by_field.keys() == wrong
    async with open_stand() as stand:
        page = await press(stand, "card", pan=number, cvv=cvv, expiry="12/26")
        assert page.count('role="alert"') == len(wrong)
        assert [one["status"] for one in await attempts(stand)] == ["PENDING"]


@pytest.mark.parametrize(
    ("text", "holds"),
    [("05/31", True), ("04/31", False), ("12/26", True), ("06 / 2031", True), ("13/40", False), ("", False)],
)
def test_a_card_holds_to_the_end_of_its_month_and_the_sandbox_card_for_ever(text: str, *, holds: bool) -> None:
    assert is_expiry(text, now=NOW, accepted=("12/26",)) is holds


async def test_a_wrong_date_is_a_failed_payment_in_the_issuers_words() -> None:
    async with open_stand() as stand:
        page = await press(stand, "card", **{**CARD, "expiry": "01/20"})
        [element] = await attempts(stand)
        assert (element["status"], element["error"]) == ("FAILED", "Invalid expiration date")
        assert "http://shop.test/fail" in page


async def test_neither_number_nor_codes_of_a_shopper_are_kept_anywhere() -> None:
    settings: Json = {"sslcommerz": {"cards_need_otp": True}}
    async with open_stand() as stand:
        opening = {"name": "mine", "settings": settings}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        page = (await stand.open_session(**store))["GatewayPageURL"]
        asked = await stand.client.post(f"{page}/card", data=CARD)
        wrong = await stand.client.post(f"{page}/otp", data={"otp": "888777"})
        await stand.client.post(f"{page}/otp", data={"otp": "123456"})
        [element] = (await stand.query(tran_id="ORDER-1", **store))["element"]
        assert element["card_no"] == mask("4242424242424242") == "424242XXXXXX4242"
        memory = repr(stand.side.accounts.get("mine").booths["sslcommerz"].memory)
        kept = memory + str(await stand.journal("mine")) + asked.text + wrong.text
        hidden = ("4242424242424242", "4242 4242", "4242+4242", "937", "888777")
        assert [word for word in hidden if word in kept] == []


async def test_a_wallet_is_confirmed_by_its_code() -> None:
    async with open_stand() as stand:
        assert "11 digits" in await press(stand, "mobile", method="bkash", mobile="123")
        assert "One-time password" in await press(stand, "mobile", method="bkash", mobile="01711-000000")
        assert "This is not the code" in await press(stand, "otp", otp="999999")
        await press(stand, "otp", otp="111111")
        [element] = await attempts(stand)
        assert (element["status"], element["card_type"], element["card_no"]) == ("VALID", "BKASH-BKash", "")


@pytest.mark.parametrize(("outcome", "status"), [("success", "VALID"), ("fail", "FAILED"), ("cancel", "FAILED")])
async def test_the_page_of_the_code_has_a_button_for_each_outcome(outcome: str, status: str) -> None:
    async with open_stand() as stand:
        await press(stand, "mobile", method="nagad", mobile="01711000000")
        await press(stand, "otp", outcome=outcome)
        assert [one["status"] for one in await attempts(stand)] == [status]


async def test_a_code_for_nothing_pays_nothing() -> None:
    async with open_stand() as stand:
        await press(stand, "otp", otp="111111")
        await press(stand, "mobile", method="visa", mobile="01711000000")
        assert [one["status"] for one in await attempts(stand)] == ["PENDING"]


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"multi_card_name": "bkash,city_visa"}, ["visa", "bkash"]),
        ({"multi_card_name": "mastercard, internetbank"}, ["master", "city", "bankasia", "abbank", "ibbl", "mtbl"]),
        ({"emi_option": "1", "emi_allow_only": "1"}, ["visa", "master", "amex", "dbbl_nexus", "qcash"]),
    ],
)
async def test_the_merchant_limits_what_is_offered_and_taken(fields: dict[str, str], keys: list[str]) -> None:
    assert [one.key for one in allowed_channels(fields)] == keys
    async with open_stand() as stand:
        session = await stand.open_session(**fields)
        assert {one["type"] for one in session["desc"]} == {one.gw for one in allowed_channels(fields)}
        body = {"action": "pay", "order": "ORDER-1", "method": "upay"}
        refused = await stand.ask_control("POST", "/shopper", body=body)
        assert (refused.status_code, "offers" in refused.text) == (409, True)


async def test_a_session_takes_cards_of_the_allowed_bins_alone() -> None:
    assert [is_allowed_bin({"allowed_bin": "411111,52"}, one) for one in ("4111112", "5200000", "4222")] == [
        *(True, True, False)
    ]
    async with open_stand() as stand:
        await stand.open_session(allowed_bin="411111")
        assert "does not take this card" in await press(stand, "card", **CARD)
        await press(stand, "card", pan="4111111111111111", expiry="12/26", cvv="111")
        assert [one["status"] for one in await attempts(stand)] == ["VALID"]


async def test_instalments_are_told_by_the_validation() -> None:
    async with open_stand() as stand:
        await stand.open_session(emi_option="1", emi_max_inst_option="9")
        await press(stand, "card", **CARD, months="6")
        [element] = await attempts(stand)
        assert (element["emi_instalment"], element["emi_amount"]) == ("6", "1250.00")


NUMBER = "4000000000000002"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ({"card": NUMBER}, {"status": "VALID", "card_no": "400000XXXXXX0002", "card_brand": "VISA"}),
        ({"card": "5555-5555 5555 4444"}, {"status": "VALID", "card_no": "555555XXXXXX4444", "card_brand": "MASTER"}),
        ({"card": NUMBER, "expiry": "12/26"}, {"status": "VALID"}),
        ({"card": NUMBER, "expiry": "01/20"}, {"status": "FAILED", "error": "Invalid expiration date"}),
        ({"expiry": "soon"}, {"status": "FAILED", "error": "Invalid expiration date"}),
        ({"method": "bkash", "emi_months": 3}, {"status": "VALID", "card_no": ""}),
    ],
)
async def test_a_shopper_who_is_played_pays_with_a_card_of_the_tests_choice(act: Json, told: Json) -> None:
    async with open_stand() as stand:
        await stand.open_session()
        body = {"action": "pay", "order": "ORDER-1", **act}
        fields = (await stand.control("POST", "/shopper", body=body))["return"]["fields"]
        assert {name: fields[name] for name in told} == told
        everything = json.dumps(await stand.journal()) + repr(stand.side.accounts.get("default").booths)
        assert NUMBER not in everything


@pytest.mark.parametrize(
    ("card", "said"),
    [("4000000000000003", "a digit is wrong"), ("1", "13 to 19 digits"), ("9999999999999995", "brand")],
)
async def test_what_is_no_card_is_refused_without_naming_it(card: str, said: str) -> None:
    async with open_stand() as stand:
        await stand.open_session()
        body = {"action": "pay", "order": "ORDER-1", "card": card}
        refused = await stand.ask_control("POST", "/shopper", body=body)
        assert (refused.status_code, said in refused.text, card in refused.json()["detail"]) == (409, True, card == "1")
        assert [one["status"] for one in await attempts(stand)] == ["PENDING"]
