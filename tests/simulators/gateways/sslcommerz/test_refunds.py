"""Refunds from request to end, and what the gateway's staff decides (fact sheet sections 9 and 10)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulators.stands import NO_SETTINGS, STORE, Json, Stand, open_stand

IP_UNKNOWN = "Your IP is not registered for refund"


@dataclass(slots=True)
class Paid:
    """A stand with one paid order, of 1250.00 BDT if nothing else is said."""

    stand: Stand
    store: dict[str, str]
    fields: dict[str, str]

    async def refund(self, amount: str = "100.00", **more: str) -> Json:
        asked = {"bank_tran_id": self.fields["bank_tran_id"], "refund_amount": amount, "refund_remarks": "returned"}
        return await self.stand.query(**{**self.store, **asked, **more})

    async def ask(self, ref_id: str, **more: str) -> Json:
        return await self.stand.query(**self.store, refund_ref_id=ref_id, **more)

    async def decide(self, action: str, **more: str) -> Json:
        body = {"action": action, "order": "ORDER-1", **more}
        return await self.stand.ask_control("POST", "/gateway", account="mine", body=body)

    async def order(self) -> Json:
        [order] = (await self.stand.control("GET", "/orders", account="mine"))["orders"]
        return order

    async def advance(self, seconds: float) -> None:
        await self.stand.control("POST", "/clock/advance", account="mine", body={"by_seconds": seconds})


@asynccontextmanager
async def open_paid(risk_level: int = 0, *, of: Json = NO_SETTINGS, **settings: Json) -> AsyncGenerator[Paid]:
    async with open_stand() as stand:
        opening = {"name": "mine", "settings": {"sslcommerz": settings}}
        store = (await stand.control("POST", "/accounts", body=opening))["credentials"]["sslcommerz"]
        await stand.open_session(**store, **of)
        act = {"action": "pay", "order": "ORDER-1", "risk_level": risk_level}
        told = await stand.control("POST", "/shopper", account="mine", body=act)
        yield Paid(stand, store, told["return"]["fields"])


async def test_a_refund_is_on_its_way_and_then_there() -> None:
    async with open_paid(refund_seconds=60) as paid:
        told = await paid.refund()
        assert (told["APIConnect"], told["status"], told["trans_id"]) == ("DONE", "success", "ORDER-1")
        assert len(told["refund_ref_id"]) == 13
        asked = await paid.ask(told["refund_ref_id"])
        assert (asked["status"], asked["tran_id"], asked["refunded_on"]) == ("processing", "ORDER-1", "")
        assert (await paid.order())["refunds_pending_minor"] == 10_000
        await paid.advance(60)
        asked = await paid.ask(told["refund_ref_id"])
        assert (asked["status"], bool(asked["refunded_on"])) == ("refunded", True)
        order = await paid.order()
        assert (order["refunded_minor"], order["refunds_pending_minor"]) == (10_000, 0)


@pytest.mark.parametrize("name", ["refe_id", "refund_trans_id"])
async def test_a_refund_asked_for_again_under_its_name_is_the_same(name: str) -> None:
    async with open_paid() as paid:
        first, again = [await paid.refund(**{name: "R-1"}) for _ in range(2)]
        assert (again["status"], again["refund_ref_id"]) == ("processing", first["refund_ref_id"])
        assert (await paid.refund(**{name: "R-2"}))["status"] == "success"
        assert (await paid.order())["refunds_pending_minor"] == 20_000


async def test_the_word_undefined_names_no_refund_unless_the_setting_says_so() -> None:
    for is_none, statuses in ((True, ["success", "success"]), (False, ["success", "processing"])):
        async with open_paid(undefined_refe_id_is_none=is_none) as paid:
            assert [(await paid.refund(refe_id="undefined"))["status"] for _ in range(2)] == statuses


@pytest.mark.parametrize(
    ("given", "options", "told"),
    [
        ({"amount": "1250.01"}, {}, {"status": "failed", "errorReason": "Refund amount exceeds the available amount"}),
        ({"amount": "0.00"}, {}, {"status": "failed"}),
        ({"amount": "-1"}, {}, {"status": "failed"}),
        ({"amount": "1.005"}, {}, {"status": "failed"}),
        ({"amount": ""}, {}, {"APIConnect": "INVALID_REQUEST"}),
        ({"refund_remarks": ""}, {}, {"APIConnect": "INVALID_REQUEST"}),
        ({"bank_tran_id": "nobody's"}, {}, {"status": "failed", "errorReason": "Transaction not found"}),
        ({}, {"refund_trans_id_required": True}, {"status": "failed", "errorReason": "refund_trans_id is missing"}),
        ({}, {"refund_ips": ["192.0.2.1"]}, {"status": "failed", "errorReason": IP_UNKNOWN}),
        ({"store_passwd": "wrong"}, {}, {"APIConnect": "FAILED"}),
    ],
)  # fmt: skip
async def test_a_refused_refund_leaves_everything_as_it_was(given: Json, options: Json, told: Json) -> None:
    async with open_paid(**options) as paid:
        before = await paid.order()
        answer = await paid.refund(**given)
        assert {name: answer.get(name) for name in told} == told
        assert "refund_ref_id" not in answer
        assert await paid.order() == before


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 90_000), min_size=1, max_size=5))
async def test_refunds_never_exceed_what_was_paid(amounts: list[int]) -> None:
    async with open_paid() as paid:
        taken = 0
        for amount in amounts:
            fits = taken + amount <= 125_000
            told = await paid.refund(f"{amount // 100}.{amount % 100:02d}")
            assert told["status"] == ("success" if fits else "failed")
            taken += amount if fits else 0
        assert (await paid.order())["refunds_pending_minor"] == taken


@pytest.mark.parametrize("parts", [["10.01", "5.01"], ["5.01", "10.01"], ["5.01", "5.01", "5.00"], ["15.02"]])
async def test_the_parts_of_a_refund_in_dollars_give_back_every_paisa_and_no_more(parts: list[str]) -> None:
    # 15.02 USD at 121.6000 are 1826.43 BDT; 10.01 and 5.01 converted by themselves would be a paisa more.
    async with open_paid(of={"currency": "USD", "total_amount": "15.02"}, refund_currency="asked") as paid:
        assert paid.fields["amount"] == "1826.43"
        assert [(await paid.refund(part))["status"] for part in parts] == ["success"] * len(parts)
        assert (await paid.refund("0.01"))["status"] == "failed"
        await paid.advance(1_000)
        order = await paid.order()
        assert (order["refunded_minor"], order["refunds_pending_minor"], order["currency"]) == (1_502, 0, "USD")


async def test_a_cancelled_part_in_dollars_can_be_given_back_after_all() -> None:
    async with open_paid(of={"currency": "USD", "total_amount": "15.02"}, refund_currency="asked") as paid:
        told = [await paid.refund(part) for part in ("5.01", "10.01")]
        await paid.decide("cancel_refund", refund=told[0]["refund_ref_id"])
        assert [(await paid.refund(part))["status"] for part in ("5.02", "5.01", "0.01")] == [
            "failed",
            "success",
            "failed",
        ]


async def test_without_the_setting_a_payment_in_dollars_is_refunded_in_taka() -> None:
    async with open_paid(of={"currency": "USD", "total_amount": "15.02"}) as paid:
        assert (await paid.refund("1826.43"))["status"] == "success"
        assert (await paid.order())["refunds_pending_minor"] == 1_502


async def test_a_long_name_names_the_same_refund_too() -> None:
    async with open_paid() as paid:
        told = [await paid.refund(refe_id="r" * 300) for _ in range(2)]
        assert [one["status"] for one in told] == ["success", "processing"]
        assert (await paid.order())["refunds_pending_minor"] == 10_000


async def test_a_cancelled_refund_gives_its_money_free_again() -> None:
    async with open_paid() as paid:
        ref_id = (await paid.refund("1250.00"))["refund_ref_id"]
        assert (await paid.refund("1.00"))["status"] == "failed"
        assert (await paid.decide("cancel_refund")).json()["refund"]["state"] == "cancelled"
        assert (await paid.ask(ref_id))["status"] == "cancelled"
        assert (await paid.decide("complete_refund", refund=ref_id)).status_code == 409
        ref_id = (await paid.refund("1250.00"))["refund_ref_id"]
        assert (await paid.decide("complete_refund")).json()["refund"] == (await paid.order())["refunds"][-1]
        await paid.advance(1_000)
        assert (await paid.order())["refunded_minor"] == 125_000


async def test_refunds_are_told_in_xml_too() -> None:
    async with open_paid() as paid:
        ref_id = (await paid.refund())["refund_ref_id"]
        url = f"{paid.stand.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        query = {**STORE, **paid.store, "refund_ref_id": ref_id, "format": "xml"}
        told = ET.fromstring((await paid.stand.client.get(url, params=query)).text)  # noqa: S314  # our own answer
        assert (told.findtext("status"), told.findtext("refund_ref_id")) == ("processing", ref_id)


async def test_released_risk_is_none_in_later_answers() -> None:
    async with open_paid(risk_level=1) as paid:
        val_id = paid.fields["val_id"]
        assert (await paid.stand.validate(val_id, **paid.store))["risk_level"] == "1"
        assert (await paid.decide("release_risk")).json()["state"] == "VALIDATED"
        told = await paid.stand.validate(val_id, **paid.store)
        assert (told["risk_level"], told["risk_title"], told["status"]) == ("0", "Safe", "VALIDATED")
        assert (await paid.decide("release_risk")).status_code == 409


async def test_a_refused_payment_has_failed_and_its_money_is_gone() -> None:
    async with open_paid(risk_level=1) as paid:
        assert (await paid.decide("refuse_risk")).json()["state"] == "FAILED"
        told = await paid.stand.validate(paid.fields["val_id"], **paid.store)
        assert told == {"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}
        assert ((await paid.order())["captured_minor"], (await paid.refund())["status"]) == (0, "failed")


@pytest.mark.parametrize("action", ["release_risk", "refuse_risk", "complete_refund", "cancel_refund"])
async def test_where_there_is_nothing_to_decide_nothing_changes(action: str) -> None:
    async with open_paid() as paid:
        before = await paid.order()
        assert (await paid.decide(action)).status_code in {404, 409}
        assert await paid.order() == before
