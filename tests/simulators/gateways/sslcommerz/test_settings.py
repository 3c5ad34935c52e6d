"""What an account may set of SSLCommerz: that a setting does what it says, and that a wrong one is refused at once."""

import pytest

from tests.simulators.stands import Json, Receiver, Stand, open_stand, served


async def open_store(stand: Stand, **settings: Json) -> dict[str, str]:
    opening = {"name": "mine", "settings": {"sslcommerz": settings}}
    return (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"least_amount": "ten"}, "least_amount"),
        ({"most_amount": "10.00\n"}, "most_amount"),
        ({"least_amount": "10.001"}, "least_amount"),
        ({"answer_media_type": "text/html\r\nx-more: 1"}, "answer_media_type"),
        ({"answer_media_type": "text/ঢাকা"}, "answer_media_type"),
        ({"rates": {"USD": "121.6000", "ZZZ": "1.0000"}}, "rates of ZZZ; there are AED"),
        ({"session_seconds": "nan"}, "session_seconds"),
        ({"ipn_goes_to": "nobody"}, "ipn_goes_to"),
    ],
)
async def test_a_setting_that_no_answer_could_be_made_with_is_refused(settings: Json, said: str) -> None:
    async with open_stand() as stand:
        body = {"name": "mine", "settings": {"sslcommerz": settings}}
        refused = await stand.ask_control("POST", "/accounts", body=body)
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize("reason", ["{field}: {length} at most", "{0} {x} {", "too long"])
async def test_a_text_for_long_fields_may_hold_any_braces(reason: str) -> None:
    async with open_stand() as stand:
        store = await open_store(stand, refuse_over_long_fields=True, over_long_reason=reason)
        told = await stand.open_session(**store, value_a="x" * 256)
        assert told["failedreason"] == reason.replace("{field}", "value_a").replace("{length}", "255")


@pytest.mark.parametrize(
    ("goes_to", "own", "reached"),
    [
        ("session", True, ["session"]),
        ("session", False, ["panel"]),
        ("panel", True, ["panel"]),
        ("both", True, ["session", "panel"]),
        ("both", False, ["panel"]),
    ],
)
async def test_an_ipn_goes_to_the_address_that_the_setting_puts_first(
    goes_to: str, *, own: bool, reached: list[str]
) -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        store = await open_store(stand, ipn_goes_to=goes_to, panel_ipn_url=f"{shop}/panel")
        await stand.open_session(**store, ipn_url=f"{shop}/session" if own else "")
        await stand.control("POST", "/shopper", account="mine", body={"action": "pay", "order": "ORDER-1"})
        await stand.control("POST", "/clock/advance", account="mine", body={"by_seconds": 0})
        sent = await stand.journal("mine", operation="ipn")
        assert [one["request"]["url"].rpartition("/")[2] for one in sent] == reached
        assert [ipn["status"] for ipn in receiver.got] == ["VALID"] * len(reached)


@pytest.mark.parametrize(("shape", "told"), [("list", []), ("string", ""), ("absent", None)])
async def test_an_empty_element_has_the_shape_that_the_setting_says(shape: str, told: Json) -> None:
    async with open_stand() as stand:
        store = await open_store(stand, empty_element=shape)
        found = await stand.query(**store, tran_id="NOBODYS")
        assert (found["no_of_trans_found"], found.get("element")) == (0, told)
        assert ("element" in found) == (shape != "absent")
        await stand.open_session(**store)
        assert len((await stand.query(**store, tran_id="ORDER-1"))["element"]) == 1


async def test_an_ipn_may_leave_out_the_order_and_is_sent_all_the_same() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        store = await open_store(stand, ipn_leaves_out=["tran_id", "amount"])
        await stand.open_session(**store, ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/shopper", account="mine", body={"action": "pay", "order": "ORDER-1"})
        wish = {"event": "ipn", "order": "ORDER-1", "proof": "altered"}
        await stand.control("POST", "/trigger", account="mine", body=wish)
        await stand.control("POST", "/clock/advance", account="mine", body={"by_seconds": 0})
        assert [("tran_id" in ipn, "amount" in ipn) for ipn in receiver.got] == [(False, False), (False, True)]
        assert [one["subject"] for one in await stand.journal("mine", operation="ipn")] == ["ORDER-1"] * 2


async def test_a_session_that_was_tried_too_often_is_over() -> None:
    async with open_stand() as stand:
        store = await open_store(stand, retry_in_session=True)
        page = (await stand.open_session(**store))["GatewayPageURL"]
        tries = [await stand.client.post(f"{page}/outcome", data={"outcome": "fail"}) for _ in range(22)]
        assert {answer.status_code for answer in tries} == {200}
        found = await stand.query(**store, tran_id="ORDER-1")
        assert found["no_of_trans_found"] == 20
        assert "You can try again" not in (await stand.client.get(page)).text


async def test_a_currency_without_decimals_is_converted_by_its_whole_units() -> None:
    # 1000 yen at 0.8 are 800 taka, for a yen has no hundredths (ISO 4217).
    async with open_stand() as stand:
        store = await open_store(stand, rates={"JPY": "0.8000"})
        await stand.open_session(**store, currency="JPY", total_amount="1000")
        body = {"action": "pay", "order": "ORDER-1"}
        fields = (await stand.control("POST", "/shopper", account="mine", body=body))["return"]["fields"]
        assert (fields["amount"], fields["currency_amount"], fields["currency_type"]) == ("800.00", "1000", "JPY")
