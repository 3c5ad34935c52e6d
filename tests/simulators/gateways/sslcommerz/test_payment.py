"""A payment from session to validation, over real sockets (fact sheet sections 3 to 8)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from contracts.binding import Document
from simulators.activity import Activity
from simulators.clock import Clock
from simulators.gateways.sslcommerz import authenticity
from simulators.gateways.sslcommerz.wire import DHAKA
from tests.simulators.stands import Json, Receiver, Stand, open_stand, served

CONTRACTS = Path(__file__).resolve().parents[4] / "contracts"
DOCUMENT = Document.load(CONTRACTS / "gateways" / "sslcommerz" / "openapi.yaml")


@dataclass(slots=True)
class Shop:
    """A stand with a merchant beside it, in an account of the merchant's own settings."""

    stand: Stand
    receiver: Receiver
    ipn_url: str
    store: dict[str, str]

    async def open(self, **fields: str) -> Json:
        return await self.stand.open_session(**self.store, **{"ipn_url": self.ipn_url, **fields})

    async def act(self, action: str, **how: Json) -> Json:
        body = {"action": action, "order": "ORDER-1", **how}
        return await self.stand.control("POST", "/shopper", account="mine", body=body)

    async def advance(self, seconds: float) -> Json:
        return await self.stand.control("POST", "/clock/advance", account="mine", body={"by_seconds": seconds})


@asynccontextmanager
async def open_shop(**settings: Json) -> AsyncGenerator[Shop]:
    receiver = Receiver()
    async with served(receiver) as address, open_stand() as stand:
        opening = {"name": "mine", "seed": 3, "now": "2031-05-01T06:00:00Z", "settings": {"sslcommerz": settings}}
        opened = await stand.control("POST", "/accounts", body=opening)
        yield Shop(stand, receiver, f"{address}/ipn", opened["credentials"]["sslcommerz"])


async def test_a_paid_session_is_told_by_ipn_and_validated_once() -> None:
    async with open_shop() as shop:
        await shop.open()
        paid = await shop.act("pay")
        await shop.advance(0)
        [ipn] = shop.receiver.got
        assert (paid["state"], ipn["status"], paid["return"]["fields"]) == ("VALID", "VALID", ipn)
        answers = [(await shop.stand.validate(ipn["val_id"], **shop.store))["status"] for _ in range(3)]
        assert answers == ["VALID", "VALIDATED", "VALIDATED"]
        [order] = (await shop.stand.control("GET", "/orders", account="mine"))["orders"]
        assert (order["state"], order["captured_minor"], order["validations"]) == ("VALIDATED", 125_000, 3)


EXPECTED_KEYS = {
    # Fact sheet section 6: the signed names of captures (B, FAILED C).
    "pay": "amount,bank_tran_id,base_fair,card_brand,card_issuer,card_issuer_country,card_issuer_country_code,card_no,"
    "card_sub_brand,card_type,currency,currency_amount,currency_rate,currency_type,error,risk_level,risk_title,status,"
    "store_amount,store_id,tran_date,tran_id,val_id,value_a,value_b,value_c,value_d",
    "decline": "amount,bank_tran_id,base_fair,card_brand,card_issuer,card_issuer_country,card_issuer_country_code,"
    "card_no,card_sub_brand,card_type,currency,currency_amount,currency_rate,currency_type,error,status,store_id,"
    "tran_date,tran_id,value_a,value_b,value_c,value_d",
    "cancel": "amount,bank_tran_id,base_fair,currency,currency_amount,currency_rate,currency_type,error,status,"
    "store_id,tran_date,tran_id,value_a,value_b,value_c,value_d",
}
STATUS = {"pay": "VALID", "decline": "FAILED", "cancel": "CANCELLED"}
BACK = {"pay": "success?kept=1", "decline": "fail", "cancel": "cancel"}


@pytest.mark.parametrize("action", ["pay", "decline", "cancel"])
async def test_each_outcome_is_told_in_its_own_fields_and_proven(action: str) -> None:
    async with open_shop() as shop:
        await shop.open(value_a="a=b&c", value_b="ঢাকা", value_c=" padded ")
        outcome = await shop.act(action)
        await shop.advance(0)
        [ipn] = shop.receiver.got
        assert (ipn["status"], ipn["verify_key"]) == (STATUS[action], EXPECTED_KEYS[action])
        assert outcome["return"]["url"] == f"http://shop.test/{BACK[action]}"
        proof = authenticity.prove(ipn, shop.store["store_passwd"])
        assert {name: ipn[name] for name in proof} == proof
        assert (ipn["value_a"], ipn["value_b"], ipn["value_c"]) == ("a=b&c", "ঢাকা", " padded ")
        [sent] = await shop.stand.journal("mine", operation="ipn")
        body = sent["request"]["body"].encode()
        headers = dict(sent["request"]["headers"])
        assert DOCUMENT.webhook("ipn").violations(headers, headers["content-type"], body) == ()


async def test_times_are_those_of_dhaka_and_ids_begin_with_them() -> None:
    async with open_shop() as shop:
        await shop.open()
        fields = (await shop.act("pay"))["return"]["fields"]
        assert fields["tran_date"] == "2031-05-01 12:00:00"
        assert [fields[name][:12] for name in ("val_id", "bank_tran_id")] == ["310501120000"] * 2
        assert [len(fields[name]) for name in ("val_id", "bank_tran_id")] == [27, 27]


async def test_a_foreign_shop_may_have_its_dates_from_the_machines_clock() -> None:
    async with open_shop(stamps="wall") as shop:
        await shop.open()
        wall = Clock(Activity()).wall
        before = wall().replace(microsecond=0)
        fields = (await shop.act("pay"))["return"]["fields"]

        stamped = datetime.strptime(fields["tran_date"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=DHAKA)
        assert before <= stamped <= wall()
        assert fields["val_id"].startswith(stamped.strftime("%y%m%d"))


async def test_another_currency_is_told_in_both_currencies() -> None:
    async with open_shop() as shop:
        await shop.open(total_amount="10.00", currency="USD")
        fields = (await shop.act("pay"))["return"]["fields"]
        told = [fields[name] for name in ("currency", "amount", "currency_type", "currency_amount", "currency_rate")]
        assert told == ["BDT", "1216.00", "USD", "10.00", "121.6000"]
        assert fields["store_amount"] == "1185.60"


async def test_a_sum_of_the_merchants_own_making_is_sent_even_if_it_is_none() -> None:
    async with open_shop() as shop:
        await shop.open()
        wish = {"event": "ipn", "order": "ORDER-1", "proof": "altered", "fields": {"amount": "much"}}
        await shop.stand.control("POST", "/trigger", account="mine", body=wish)
        await shop.advance(0)
        assert [ipn["amount"] for ipn in shop.receiver.got] == ["0.00"]


async def test_what_is_really_paid_may_differ_from_what_was_asked() -> None:
    async with open_shop() as shop:
        await shop.open()
        fields = (await shop.act("pay", amount="1249.99", risk_level=1))["return"]["fields"]
        assert (fields["currency_amount"], fields["risk_level"], fields["risk_title"]) == ("1249.99", "1", "Risky")
        validated = await shop.stand.validate(fields["val_id"], **shop.store)
        assert (validated["amount"], validated["risk_level"]) == ("1249.99", "1")
    async with open_shop() as shop:
        await shop.open()
        fields = (await shop.act("pay", currency="USD"))["return"]["fields"]
        assert (fields["currency_type"], fields["currency_amount"]) == ("USD", "1250.00")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"method": "cash"}, "visa, master, amex, bkash, nagad"),
        ({"amount": "1.005"}, "at most 2 behind the point"),
        ({"currency": "CHF"}, "no rate for CHF"),
    ],
)
async def test_what_a_shopper_cannot_do_is_refused_and_changes_nothing(how: Json, said: str) -> None:
    async with open_shop() as shop:
        await shop.open()
        body = {"action": "pay", "order": "ORDER-1", **how}
        refused = await shop.stand.ask_control("POST", "/shopper", account="mine", body=body)
        assert (refused.status_code, said in refused.json()["detail"]) == (409, True)
        assert (await shop.act("open"))["state"] == "PENDING"


async def test_a_session_that_is_over_cannot_be_paid() -> None:
    async with open_shop() as shop:
        await shop.open()
        await shop.act("cancel")
        refused = await shop.stand.ask_control(
            "POST", "/shopper", account="mine", body={"action": "pay", "order": "ORDER-1"}
        )
        assert (refused.status_code, "CANCELLED" in refused.text) == (409, True)


@pytest.mark.parametrize(
    ("action", "status", "error"),
    [("open", "UNATTEMPTED", "Customer did not choose to pay any channel"), (None, "EXPIRED", "Session is expired")],
)
async def test_a_session_that_nobody_pays_runs_out(action: str | None, status: str, error: str) -> None:
    async with open_shop(session_seconds=900) as shop:
        await shop.open()
        if action is not None:
            await shop.act(action)
        await shop.advance(899)
        assert shop.receiver.got == []
        await shop.advance(1)
        assert [(ipn["status"], ipn["error"], ipn["val_id"]) for ipn in shop.receiver.got] == [(status, error, "")]


@pytest.mark.parametrize(
    ("settings", "action"), [({"cancel_sends_ipn": False}, "cancel"), ({"expiry_sends_ipn": False}, "leave")]
)
async def test_what_is_not_told_by_setting_is_not_told(settings: Json, action: str) -> None:
    async with open_shop(**settings) as shop:
        await shop.open()
        await shop.act(action)
        await shop.advance(86_400)
        assert shop.receiver.got == []


async def test_without_an_ipn_url_the_panels_is_used_or_none() -> None:
    async with open_shop() as shop:
        await shop.open(ipn_url="")
        await shop.act("pay")
        [_, page] = await shop.stand.journal("mine")
        assert "no IPN: the session has no ipn_url" in page["note"]
        settings = {"sslcommerz": {"panel_ipn_url": shop.ipn_url}}
        opened = await shop.stand.control("POST", "/accounts", body={"name": "panel", "settings": settings})
        await shop.stand.open_session(**opened["credentials"]["sslcommerz"])
        await shop.stand.control("POST", "/shopper", account="panel", body={"action": "pay", "order": "ORDER-1"})
        await shop.stand.control("POST", "/clock/advance", account="panel", body={"by_seconds": 0})
        assert [ipn["status"] for ipn in shop.receiver.got] == ["VALID"]


async def test_an_ipn_that_is_not_taken_is_tried_again_as_often_as_the_setting_says() -> None:
    async with open_shop(ipn_retries=2, ipn_retry_seconds=300) as shop:
        shop.receiver.status = 503
        await shop.open()
        await shop.act("pay")
        await shop.advance(86_400)
        sent = await shop.stand.journal("mine", operation="ipn")
        assert [(one["at"][11:16], one["faults"], one["answer"]["status"]) for one in sent] == [
            ("06:00", [], 503),
            ("06:05", ["retry by the gateway"], 503),
            ("06:10", ["retry by the gateway"], 503),
        ]


async def test_a_failed_session_is_tried_again_where_the_setting_allows_it() -> None:
    async with open_shop(retry_in_session=True) as shop:
        session = await shop.open()
        await shop.act("decline", reason="No money")
        assert "You can try again" in (await shop.stand.client.get(session["GatewayPageURL"])).text
        await shop.act("decline")
        assert (await shop.act("pay"))["state"] == "VALID"
        await shop.advance(86_400)
        assert [ipn["status"] for ipn in shop.receiver.got] == ["FAILED", "FAILED", "VALID"]
        found = await shop.stand.query(tran_id="ORDER-1", **shop.store)
        assert [one["status"] for one in found["element"]] == ["VALID", "FAILED", "FAILED"]


@pytest.mark.parametrize(
    ("settings", "name", "told"),
    [
        ({"amounts_drop_zeros": True}, "amount", "1250"),
        ({"ipn_leaves_out": ["card_sub_brand"]}, "card_sub_brand", None),
        ({"ipn_tells_emi": True}, "emi_instalment", "0"),
        ({"store_amount_permyriad": 10_000}, "store_amount", "1250.00"),
    ],
)
async def test_a_setting_changes_an_ipn_that_stays_proven(settings: Json, name: str, told: str | None) -> None:
    async with open_shop(**settings) as shop:
        await shop.open()
        fields = (await shop.act("pay"))["return"]["fields"]
        assert fields.get(name) == told
        proof = authenticity.prove(fields, shop.store["store_passwd"])
        assert {one: fields[one] for one in proof} == proof


@pytest.mark.parametrize(
    ("settings", "name", "told"),
    [
        ({"store_amount_drops_zeros": True}, "store_amount", "1218.75"),
        ({"first_validation": "VALIDATED"}, "status", "VALIDATED"),
        ({"validator_says": "INACTIVE"}, "APIConnect", "INACTIVE"),
        ({"discount_permyriad": 1_000}, "discount_amount", "125.00"),
    ],
)
async def test_a_setting_changes_what_validation_tells(settings: Json, name: str, told: str) -> None:
    async with open_shop(**settings) as shop:
        await shop.open()
        fields = (await shop.act("pay"))["return"]["fields"]
        assert (await shop.stand.validate(fields["val_id"], **shop.store))[name] == told


async def test_the_older_page_address_is_told_and_answered() -> None:
    async with open_shop(gateway_page="v3") as shop:
        page = (await shop.open())["GatewayPageURL"]
        assert "/gwprocess/v3/gw.php?Q=PAY&SESSIONKEY=" in page
        answers = [await shop.stand.client.get(page), await shop.stand.client.post(page, data={"x": "1"})]
        assert ["1250.00 BDT" in answer.text for answer in answers] == [True, True]


async def test_who_comes_too_late_is_brought_back_to_the_shop() -> None:
    async with open_shop(session_seconds=60) as shop:
        page = (await shop.open())["GatewayPageURL"]
        await shop.advance(61)
        answer = await shop.stand.client.post(f"{page}/outcome", data={"outcome": "success"})
        assert ('action="http://shop.test/fail"' in answer.text, "EXPIRED" in answer.text) == (True, True)
