"""Shoppers exported and erased over the API: nothing of them anywhere, all of the money, and no way back."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from reference_server.audit import AuditLine
from reference_server.clock import ClockMode
from reference_server.refunds.model import Refund
from reference_server.settings import Settings
from tests.reference_server.apis.payments.test_card_canaries import kept_by
from tests.reference_server.scripted import Fields, ScriptedGateway, signed
from tests.reference_server.stage import ORDER, SETTINGS, Stage, staged

# In every place where somebody may write something of a shopper; each its own, so that one that stays says where.
CANARIES = {
    place: f"canary{number:02d}{place}"
    for number, place in enumerate(
        ["name", "address", "city", "vin", "holder", "late", "reason", "licence", "decline", "upi", "note", "receipt"]
    )
}
EMAIL, PHONE = "Canary.Person@shop.example", "+880 1711-777333"
SHOPPER = {
    "name": CANARIES["name"], "email": EMAIL, "phone": PHONE, "address": CANARIES["address"], "city": CANARIES["city"],
}  # fmt: skip
# What the payments API wants to know of a shopper.
CUSTOMER = {name: SHOPPER[name] for name in ("name", "email", "phone")}
SPELLINGS = [*CANARIES.values(), EMAIL, EMAIL.lower(), PHONE, "1711777333"]


def on_disk(tmp_path: Path) -> Settings:
    return SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'kept.db'}"})


def found_in(held: str | bytes, spellings: Iterable[str] = SPELLINGS) -> list[str]:
    raw = held.encode() if isinstance(held, str) else held
    return [spelling for spelling in spellings if spelling.encode() in raw]


def bytes_on_disk(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))


def held_by(stage: Stage, tmp_path: Path) -> bytes:
    """Return every byte of the file; of PostgreSQL, whose files are its autovacuum's, every row instead."""
    return kept_by(stage).encode() if stage.server.database.is_shared else bytes_on_disk(tmp_path)


class TalkativeGateway(ScriptedGateway):
    """Tells of the shopper in every answer and notification, as the real one tells of the card."""

    holder = CANARIES["holder"]

    def describe(self, sale: Any) -> Fields:
        """Return what is said of a sale, with whose card it was."""
        return super().describe(sale) | {"card_issuer": self.holder, "cus_name": SHOPPER["name"], "value_b": EMAIL}


@asynccontextmanager
async def bought(settings: Settings = SETTINGS) -> AsyncGenerator[tuple[Stage, str, str]]:
    """Have a talkative shopper buy, get a part back and be told of everywhere; yield the stage, session id, tran_id."""
    async with staged(settings, gateway=TalkativeGateway()) as stage:
        if settings is not SETTINGS and not stage.server.database.is_shared:
            # Some builds of SQLite wipe by themselves what is deleted; what is promised must hold on all of them.
            await stage.server.database.run(_wipe_nothing)
        stage.sink.script = [f"HTTP 500 {CANARIES['licence']}"]
        session_id, tran_id = await stage.opened(customer=SHOPPER, chassisNo=CANARIES["vin"])
        assert (await stage.ipn(session_id, stage.gateway.pay(tran_id))).status_code == 200
        await stage.quiesce()
        await stage.advance(minutes=5)
        assert (await stage.refund(session_id, amount="20.00", reason=CANARIES["reason"])).status_code == 202
        await stage.advance(minutes=5)
        failed, other = await stage.opened(customer=SHOPPER)
        await stage.ipn(failed, stage.gateway.end(other, "FAILED", error=CANARIES["decline"]))
        await stage.quiesce()
        yield stage, session_id, tran_id


def _wipe_nothing(session: Session) -> None:
    session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")


async def erase(stage: Stage, **person: str) -> dict[str, Any]:
    answer = await stage.ask("/api/v1/privacy/erase", person)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def export(stage: Stage, **person: str) -> dict[str, Any]:
    answer = await stage.ask("/api/v1/privacy/export", person)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pay_by_upi(stage: Stage) -> str:
    order = await stage.ask(
        "/api/v1/orders",
        {"amount": 500, "customer": CUSTOMER, "notes": {"for": CANARIES["note"]}, "receipt": CANARIES["receipt"]},
    )
    assert order.status_code == 201, order.text
    body = {"order_id": order.json()["id"], "amount": 500, "method": "upi", "vpa": f"{CANARIES['upi']}@bank"}
    headers = {"x-api-key": "key_test", "x-api-secret": "sec_test", "idempotency-key": "once"}
    paid = await stage.client.post("/api/v1/payments", json=body, headers=headers)
    assert paid.status_code == 201, paid.text
    await stage.advance(seconds=30)
    return paid.json()["id"]


async def test_the_canaries_are_where_they_are_looked_for(tmp_path: Path) -> None:
    async with bought(on_disk(tmp_path)) as (stage, _, __):
        await pay_by_upi(stage)
        held = held_by(stage, tmp_path)
    assert set(found_in(held)) >= {*CANARIES.values(), EMAIL, PHONE} - {
        CANARIES["late"], CANARIES["licence"], CANARIES["upi"],
    }  # fmt: skip


async def test_after_an_erasure_no_byte_of_the_file_tells_of_the_shopper(tmp_path: Path) -> None:
    async with bought(on_disk(tmp_path)) as (stage, _, __):
        await pay_by_upi(stage)
        assert len((await erase(stage, email=EMAIL.lower()))["orders"]) == 3
        await stage.advance(minutes=2)
        assert found_in(held_by(stage, tmp_path)) == []
        assert found_in(str(stage.server.journal.read())) == []
    assert found_in(bytes_on_disk(tmp_path)) == []


@pytest.mark.parametrize(
    "person", [{"email": EMAIL.upper()}, {"phone": "8801711777333"}, {"phone": "(880) 1711 777 333"}]
)
async def test_a_shopper_is_found_by_email_and_phone_however_written(person: dict[str, str]) -> None:
    async with bought() as (stage, _, __):
        assert len((await export(stage, **person))["orders"]) == 2


async def test_the_money_is_told_as_before() -> None:
    async with bought() as (stage, session_id, tran_id):
        before, refunds = await stage.order(tran_id), await stage.refunds(session_id)
        await erase(stage, order_id=tran_id)
        after = await stage.order(tran_id)
        money = ["amount_minor", "currency", "state", "status", "captured_minor", "refunded_minor", "fulfilment"]
        assert [after[name] for name in money] == [before[name] for name in money]
        assert [(one["amount"], one["status"]) for one in await stage.refunds(session_id)] == [
            (one["amount"], one["status"]) for one in refunds
        ]
        told = [(line["before"], line["after"], line["event"]) for line in after["audit"]]
        assert told[:-1] == [(line["before"], line["after"], line["event"]) for line in before["audit"]]
        assert (told[-1], found_in(str(after))) == (("", "", "erased"), [])


async def test_an_erased_order_is_still_answered() -> None:
    async with bought() as (stage, session_id, tran_id):
        payment_id = await pay_by_upi(stage)
        await erase(stage, email=EMAIL)
        for path in (
            f"/payment/status/{session_id}",
            f"/api/v1/payments/{payment_id}",
            "/api/v1/refunds",
            "/api/v1/orders",
        ):
            answer = await stage.ask(path)
            assert (answer.status_code, found_in(answer.text)) == (200, []), path
        assert (await stage.init(tran_id=tran_id)).status_code == 409


async def test_late_words_of_the_gateway_do_not_bring_the_shopper_back(tmp_path: Path) -> None:
    async with bought(on_disk(tmp_path)) as (stage, session_id, tran_id):
        await erase(stage, email=EMAIL)
        assert isinstance(stage.gateway, TalkativeGateway)
        stage.gateway.holder = CANARIES["late"]
        late = signed(stage.gateway.describe(stage.gateway.sales[tran_id]) | {"tran_date": "2030-01-01 07:00:00"})
        assert (await stage.ipn(session_id, late)).status_code == 200
        assert (await stage.refund(session_id, amount="1.00", reason=CANARIES["late"])).status_code == 202
        await stage.advance(days=1)
        assert found_in(held_by(stage, tmp_path)) == []
        assert found_in(str(stage.server.journal.read())) == []


async def test_an_answer_under_an_idempotency_key_is_given_again_without_the_shopper() -> None:
    async with bought() as (stage, _, __):
        headers = {"x-api-key": "key_test", "x-api-secret": "sec_test", "idempotency-key": "made once"}
        body = {"amount": 500, "customer": CUSTOMER}
        first = await stage.client.post("/api/v1/orders", json=body, headers=headers)
        await erase(stage, email=EMAIL)
        again = await stage.client.post("/api/v1/orders", json=body, headers=headers)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert found_in(again.text) == []


async def test_an_erasure_asked_for_again_finds_nobody_and_changes_nothing() -> None:
    async with bought() as (stage, _, tran_id):
        assert len((await erase(stage, email=EMAIL))["orders"]) == 2
        before = await stage.order(tran_id)
        assert (await erase(stage, email=EMAIL))["orders"] == []
        assert (await erase(stage, order_id=tran_id))["orders"] == []
        assert await stage.order(tran_id) == before


async def test_another_shopper_and_another_merchant_keep_everything() -> None:
    async with bought() as (stage, _, __):
        other, _ = await stage.paid(customer=ORDER["customer"])
        merchant = (await stage.client.post("/api/v1/merchants", json={"email": "o@shop.example"})).json()
        headers = {"x-api-key": merchant["api_key"], "x-api-secret": merchant["api_secret"]}
        mine = await stage.client.post("/api/v1/orders", json={"amount": 500, "customer": CUSTOMER}, headers=headers)
        assert mine.status_code == 201, mine.text
        assert len((await erase(stage, email=EMAIL))["orders"]) == 2
        told = await stage.ask(f"/payment/status/{other}")
        assert told.json()["customer"]["name"] == "Rahima Khatun"
        kept = await stage.client.get(f"/api/v1/orders/{mine.json()['id']}", headers=headers)
        assert kept.json()["customer"]["email"] == EMAIL


async def test_an_export_is_complete_and_only_theirs() -> None:
    async with bought() as (stage, _, tran_id):
        await stage.paid(customer=ORDER["customer"])
        told = await export(stage, email=EMAIL)
        assert (len(told["orders"]), told["is_whole"]) == (2, True)
        wanted = {CANARIES[place] for place in ("name", "address", "city", "vin", "holder", "reason", "decline")}
        assert set(found_in(str(told))) >= {*wanted, EMAIL, PHONE}
        assert "Rahima" not in str(told)
        assert tran_id in {order["reference"] for order in told["records"]["orders"]}


async def test_nothing_of_an_export_is_journaled() -> None:
    async with staged() as stage:
        await stage.ask("/api/v1/orders", {"amount": 500, "customer": CUSTOMER})
        stage.server.journal.clear()
        assert found_in(str(await export(stage, email=EMAIL))) != []
        assert found_in(str(stage.server.journal.read())) == []


@pytest.mark.parametrize(
    "person", [{}, {"email": EMAIL, "phone": PHONE}, {"phone": "+-() ..."}, {"phone": "٣٣٣٣"}, {"email": 1}]
)
@pytest.mark.parametrize("act", ["export", "erase"])
async def test_who_is_meant_is_said_in_one_way(act: str, person: dict[str, Any]) -> None:
    async with staged() as stage:
        assert (await stage.ask(f"/api/v1/privacy/{act}", person)).status_code == 400


async def test_the_audit_trail_says_that_it_was_done_and_nothing_of_whom() -> None:
    async with bought() as (stage, _, __):
        await erase(stage, email=EMAIL)

        def look(session: Session) -> tuple[list[AuditLine], list[Refund]]:
            return list(session.exec(select(AuditLine))), list(session.exec(select(Refund)))

        lines, refunds = await stage.server.database.read(look)
        assert sum(line.event == "erased" for line in lines) == 2
        assert {line.cause for line in lines if line.event == "owed" and line.resource == "refund"} == {
            "merchant: 20.00 BDT"
        }
        assert [refund.reason for refund in refunds] == ["erased"]


async def test_on_the_system_clock_the_file_is_written_anew_between_other_units(tmp_path: Path) -> None:
    changes = {"clock": ClockMode.SYSTEM, "seed": None, "database_url": f"sqlite:///{tmp_path / 'kept.db'}"}
    async with staged(SETTINGS.model_copy(update=changes)) as stage:
        for number in range(20):
            body = {"amount": 500, "customer": CUSTOMER | {"name": f"{CANARIES['name']} {number}"}}
            assert (await stage.ask("/api/v1/orders", body)).status_code == 201
        await erase(stage, email=EMAIL)
        others = [stage.ask("/api/v1/orders", {"amount": 500}) for _ in range(20)]
        answers, _ = await asyncio.gather(asyncio.gather(*others), stage.server.database.scrub())
        assert {answer.status_code for answer in answers} == {201}
        assert found_in(held_by(stage, tmp_path)) == []
        assert (await stage.ask("/api/v1/orders?limit=100")).json()["total"] == 40
