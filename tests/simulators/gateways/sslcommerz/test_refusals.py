"""Every refusal in the gateway's own words, with HTTP 200 (fact sheet sections 1, 3, 7 and 8)."""

from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.simulators.stands import ORDER, STORE, Json, Stand, open_stand

MISSING = "Invalid Information! '{}' is missing or empty."
AMOUNT = "Invalid Information! 'total_amount' must be between 10.00 and 500000.00 BDT."
GOOD = {**ORDER, **STORE}
TRAVEL = {**GOOD, "product_profile": "travel-vertical"}
CREDENTIALS = "Store Credential Error Or Store is De-active"


async def post_session(stand: Stand, **how: Json) -> httpx.Response:
    return await stand.client.post(f"{stand.urls['sslcommerz']}/gwprocess/v4/api.php", **how)


def assert_failed(answer: httpx.Response, reason: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["status"], told["failedreason"]) == (200, "FAILED", reason)
    assert (told["sessionkey"], told["GatewayPageURL"], told["storeLogo"], told["desc"]) == ("", "", "", [])


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"data": {**GOOD, "store_passwd": "wrong"}}, CREDENTIALS),
        ({"data": {**GOOD, "store_id": "nobody"}}, CREDENTIALS),
        ({"data": ORDER}, CREDENTIALS),
        ({}, CREDENTIALS),
        ({"content": b"\xff\xfe", "headers": {"content-type": "application/x-www-form-urlencoded"}}, CREDENTIALS),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, CREDENTIALS),
        ({"json": GOOD}, CREDENTIALS),
        ({"content": b"<a/>", "headers": {"content-type": "text/xml"}}, CREDENTIALS),
        ({"data": {**GOOD, "cus_email": ""}}, MISSING.format("cus_email")),
        ({"data": {**GOOD, "currency": "", "cus_email": ""}}, MISSING.format("currency")),
        ({"data": {**GOOD, "tran_id": "a\0b"}}, "Invalid Information! 'tran_id' is invalid."),
        ({"data": {**GOOD, "shipping_method": "YES"}}, MISSING.format("num_of_item")),
        ({"data": {**GOOD, "shipping_method": "YES", "num_of_item": "1"}}, MISSING.format("ship_name")),
        ({"data": TRAVEL}, "Invalid Information! 'hotel_name' is missing."),
        (
            {"data": {**TRAVEL, "hotel_name": "Sea"}},
            "Invalid Information! 'length_of_stay' is missing. Example: 2 days",
        ),
        ({"data": {**GOOD, "currency": "XXX"}}, "Invalid Information! 'currency' is not supported."),
        *(
            ({"data": {**GOOD, "total_amount": amount}}, AMOUNT)
            for amount in ("9.99", "500000.01", "12.345", "ten", "-5")
        ),
    ],
)  # fmt: skip
async def test_a_session_is_refused_in_the_gateways_words(how: Json, reason: str) -> None:
    async with open_stand() as stand:
        assert_failed(await post_session(stand, **how), reason)
        assert (await stand.control("GET", "/orders"))["orders"] == []


PROFILES = {
    "airline-tickets": "hours_till_departure flight_type pnr journey_from_to third_party_booking",
    "travel-vertical": "hotel_name length_of_stay check_in_time hotel_city",
    "telecom-vertical": "product_type topup_number country_topup",
}


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_profile_demands_its_fields_one_at_a_time(profile: str) -> None:
    async with open_stand() as stand:
        fields = {"product_profile": profile}
        for name in PROFILES[profile].split():
            told = (await stand.open_session(**fields))["failedreason"]
            assert told.startswith(f"Invalid Information! '{name}' is missing.")
            fields[name] = "x"
        assert (await stand.open_session(**fields))["status"] == "SUCCESS"


async def test_the_invoice_api_says_that_it_is_not_imitated() -> None:
    async with open_stand() as stand:
        for path in ("/gwprocess/v4/invoice.php", "/validator/api/v4/"):
            answer = await stand.client.post(f"{stand.urls['sslcommerz']}{path}", data=STORE)
            assert (answer.json()["status"], "not imitate" in answer.json()["error_reason"]) == ("failed", True)


async def test_a_missing_shipping_method_is_explained() -> None:
    async with open_stand() as stand:
        fields = {**ORDER, **STORE}
        del fields["shipping_method"]
        told = (await post_session(stand, data=fields)).json()["failedreason"]
        assert told.startswith("Invalid Information! 'shipping_method' is missing. Shipping method of the order.")


async def test_the_journal_says_why_and_holds_no_password() -> None:
    async with open_stand() as stand:
        await stand.open_session(store_passwd="not-the-one")
        await stand.open_session(store_passwd="")
        await stand.open_session(store_id="nobody")
        await stand.open_session(total_amount="1.00")
        journal = await stand.journal()
        assert [one["note"] for one in journal] == [
            "store_passwd is not this store's",
            "store_passwd is missing",
            "no account has such credentials or such a session",
            f"refused: {AMOUNT}",
        ]
        assert [word for word in ("not-the-one", "qwerty") if word in str(journal)] == []


async def test_settings_change_what_is_unsure() -> None:
    async with open_stand() as stand:
        settings: Json = {
            "refuse_over_long_fields": True,
            "required_fields": ["cus_add1"],
            "json_body_accepted": True,
            "reuse_paid_tran_id": True,
            "answer_media_type": "application/json",
        }
        opening = {"name": "strict", "settings": {"sslcommerz": settings}}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        assert "'cus_add1' is missing" in (await stand.open_session(**store))["failedreason"]
        answer = await post_session(stand, json={**ORDER, **store, "cus_add1": "x", "total_amount": 99, "cart": [{}]})
        assert (answer.json()["status"], answer.headers["content-type"]) == ("SUCCESS", "application/json")
        told = await stand.open_session(**store, cus_add1="x", tran_id="x" * 31)
        assert told["failedreason"] == "Invalid Information! 'tran_id' is longer than 30 characters."


async def test_a_paid_order_is_not_opened_again_and_a_declined_one_is() -> None:
    async with open_stand() as stand:
        await stand.open_session()
        await stand.control("POST", "/shopper", body={"action": "decline", "order": "ORDER-1", "reason": "No money"})
        assert (await stand.open_session())["status"] == "SUCCESS"
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        assert "already used" in (await stand.open_session())["failedreason"]
        found = await stand.query(tran_id="ORDER-1")
        assert (found["no_of_trans_found"], [one["status"] for one in found["element"]]) == (2, ["VALID", "FAILED"])
        assert found["element"][1]["error"] == "No money"


async def test_an_inactive_store_is_told_so() -> None:
    async with open_stand() as stand:
        opening = {"name": "off", "settings": {"sslcommerz": {"store_is_active": False}}}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        assert (await stand.open_session(**store))["failedreason"] == CREDENTIALS
        assert await stand.validate("x", **store) == {"APIConnect": "INACTIVE", "status": "INVALID_TRANSACTION"}
        assert await stand.query(tran_id="x", **store) == {"APIConnect": "INACTIVE"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"store_passwd": "wrong"}, {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}),
        ({"store_id": "nobody"}, {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}),
        ({}, {"APIConnect": "DONE", "status": "INVALID_TRANSACTION"}),
        ({"val_id": ""}, {"APIConnect": "INVALID_REQUEST", "status": "INVALID_TRANSACTION"}),
        ({"val_id": "a\0b"}, {"APIConnect": "INVALID_REQUEST", "status": "INVALID_TRANSACTION"}),
    ],
)
async def test_a_validation_is_refused_in_the_gateways_words(fields: Json, expected: Json) -> None:
    async with open_stand() as stand:
        assert await stand.validate(**{"val_id": "nothing", **fields}) == expected


async def test_a_declined_attempt_cannot_be_validated() -> None:
    async with open_stand() as stand:
        await stand.open_session()
        await stand.control("POST", "/shopper", body={"action": "decline", "order": "ORDER-1"})
        [element] = (await stand.query(tran_id="ORDER-1"))["element"]
        assert (await stand.validate(element["val_id"]))["status"] == "INVALID_TRANSACTION"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"APIConnect": "INVALID_REQUEST"}),
        ({"tran_id": "none"}, {"APIConnect": "DONE", "no_of_trans_found": 0, "element": []}),
        ({"sessionkey": "none"}, {"APIConnect": "DONE", "status": "INVALID_TRANSACTION", "sessionkey": "none"}),
        ({"tran_id": "x", "store_passwd": "wrong"}, {"APIConnect": "FAILED"}),
    ],
)
async def test_a_query_that_finds_nothing_says_so(fields: Json, expected: Json) -> None:
    async with open_stand() as stand:
        assert await stand.query(**fields) == expected


async def test_a_session_is_found_by_its_key_from_opening_to_end() -> None:
    async with open_stand() as stand:
        key = (await stand.open_session())["sessionkey"]
        assert (await stand.query(sessionkey=key.lower()))["status"] == "PENDING"
        await stand.control("POST", "/shopper", body={"action": "cancel", "session": key})
        found = await stand.query(sessionkey=key)
        assert (found["status"], found["val_id"], found["store_amount"]) == ("FAILED", "", "")


async def test_the_oldest_element_comes_first_by_setting() -> None:
    async with open_stand() as stand:
        opening = {"name": "old", "settings": {"sslcommerz": {"elements_newest_first": False}}}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        keys = [(await stand.open_session(**store))["sessionkey"] for _ in range(2)]
        found = await stand.query(tran_id="ORDER-1", **store)
        assert [one["sessionkey"] for one in found["element"]] == keys


async def test_xml_is_answered_where_it_is_asked_for() -> None:
    async with open_stand() as stand:
        await stand.open_session(value_a="<&>")
        url = f"{stand.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        answer = await stand.client.get(url, params={**STORE, "tran_id": "ORDER-1", "format": "XML"})
        tree = ET.fromstring(answer.text)  # noqa: S314  # our own answer
        found = [tree.findtext(path) for path in ("APIConnect", "element/tran_id", "element/value_a")]
        assert (found, answer.headers["content-type"]) == (["DONE", "ORDER-1", "<&>"], "text/xml; charset=UTF-8")


async def test_the_validator_takes_posts_and_names_in_any_letters() -> None:
    async with open_stand() as stand:
        await stand.open_session()
        outcome = await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        url = f"{stand.urls['sslcommerz']}/validator/api/validationserverAPI.php"
        query = {"Store_Id": "testbox", "Store_Passwd": "qwerty", "val_id": outcome["return"]["fields"]["val_id"]}
        assert (await stand.client.post(url, params=query)).json()["status"] == "VALID"
        assert (await stand.client.get(url, params=query)).json()["status"] == "VALIDATED"
        assert (await stand.client.post(url, data=query)).json()["status"] == "VALIDATED"


async def test_a_session_opens_by_multipart_with_blank_fields_and_the_last_of_repeated_ones() -> None:
    async with open_stand() as stand:
        parts = [(name, (None, value)) for name, value in {**ORDER, **STORE, "emi_option": "", "unknown": "x"}.items()]
        answer = await post_session(stand, files=[("tran_id", (None, "EARLIER")), *parts])
        assert answer.json()["status"] == "SUCCESS"
        [order] = (await stand.control("GET", "/orders"))["orders"]
        assert order["order"] == "ORDER-1"


async def test_connection_close_is_echoed() -> None:
    # Or Node's agent reuses the dead socket and every second call fails (fact sheet section 1, A).
    async with open_stand() as stand:
        answer = await post_session(stand, data={**ORDER, **STORE}, headers={"connection": "close"})
        assert answer.headers["connection"] == "close"
        assert "connection" not in (await post_session(stand, data={**ORDER, **STORE})).headers


async def test_the_tls_probe_and_unknown_paths_are_answered() -> None:
    async with open_stand() as stand:
        base = stand.urls["sslcommerz"]
        assert (await stand.client.get(f"{base}/public/tls/")).text == "TLS is okay"
        assert (await stand.client.get(f"{base}/no-such-page")).status_code == 404
        popup = await stand.client.get(f"{base}/embed.min.js")
        assert (popup.headers["content-type"], "sslczPayBtn" in popup.text) == ("text/javascript; charset=utf-8", True)
        wrong = await stand.client.get(f"{base}/gwprocess/v4/api.php")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
