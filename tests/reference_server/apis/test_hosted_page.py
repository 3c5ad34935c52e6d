"""Document 000's operations through the API: what a merchant and a shopper may ask, and what they are told."""

import asyncio
from typing import Any

import httpx
import pytest

from reference_server.payments.opening import PAYMENTS_MAX
from tests.reference_server.scripted import ScriptedGateway
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage, settle, staged


async def test_a_new_payment_is_pending_and_can_be_paid_at_the_gateways_page() -> None:
    async with staged() as stage:
        answer = await stage.init(tran_id="ORDER-1")
        told = answer.json()
        assert (answer.status_code, told["tran_id"], told["status"]) == (200, "ORDER-1", "PENDING")
        assert told["GatewayPageURL"].startswith("http://sslcommerz.test/EasyCheckOut/")
        form = stage.gateway.sales["ORDER-1"].form
        assert form["total_amount"] == "100.50"
        assert form["ipn_url"] == f"http://server.test/payment/ipn/{told['sessionId']}"
        assert form["value_a"] == told["sessionId"]


async def test_a_drawn_tran_id_fits_the_gateway_and_is_never_drawn_twice() -> None:
    async with staged() as stage:
        drawn = [(await stage.opened())[1] for _ in range(5)]
        assert len(set(drawn)) == 5
        assert all(len(tran_id) <= 30 for tran_id in drawn)


@pytest.mark.parametrize(
    ("key", "secret"), [("", ""), (API_KEY, ""), (API_KEY, "wrong"), ("nobody", API_SECRET), (API_KEY, "ঢাকা")]
)
async def test_init_is_refused_without_key_and_secret(key: str, secret: str) -> None:
    async with staged() as stage:
        headers = [(b"x-api-key", key.encode()), (b"x-api-secret", secret.encode())]
        answer = await stage.client.post("/payment/init", json=ORDER, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:gatewright:problem:unauthenticated")
        assert "www-authenticate" in answer.headers
        assert stage.gateway.calls.total() == 0


async def test_who_is_asking_is_looked_at_before_what_is_asked() -> None:
    async with staged() as stage:
        answer = await stage.client.post("/payment/init", json={"amount": -1})
        assert answer.status_code == 401


async def test_the_tran_id_of_a_paid_order_opens_nothing() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        answer = await stage.init(tran_id=tran_id)
        assert (answer.status_code, answer.json()["sessionId"]) == (409, session_id)
        assert stage.gateway.calls["createSession"] == 1


@pytest.mark.parametrize("change", [{"amount": "100.51"}, {"currency": "USD"}])
async def test_the_tran_id_of_an_order_of_another_sum_opens_nothing(change: dict[str, Any]) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answer = await stage.init(tran_id=tran_id, **change)
        assert (answer.status_code, answer.json()["sessionId"]) == (409, session_id)
        assert stage.gateway.calls["createSession"] == 1


async def test_a_session_whose_opening_was_not_answered_is_not_opened_again_blind() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        lost = await stage.init(tran_id="ONE")
        again = await stage.init(tran_id="ONE")
        assert (lost.status_code, again.status_code) == (502, 409)
        assert again.json()["sessionId"] == lost.json()["sessionId"]
        assert stage.gateway.calls["createSession"] == 1


async def test_two_calls_with_one_tran_id_at_once_open_one_session() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["hang"]
        waiting = asyncio.create_task(stage.init(tran_id="ONE"))
        await settle(stage.server)
        answers = await asyncio.gather(*(stage.init(tran_id="ONE") for _ in range(19)))
        assert {answer.status_code for answer in answers} == {409}
        await stage.advance(seconds=10)
        assert (await waiting).status_code == 504
        assert stage.gateway.calls["createSession"] == 1


async def test_an_unpaid_order_has_a_bounded_number_of_sessions() -> None:
    async with staged() as stage:
        answers = [await stage.init(tran_id="ONE") for _ in range(PAYMENTS_MAX + 1)]
        assert [answer.status_code for answer in answers] == [200] * PAYMENTS_MAX + [409]
        assert len({answer.json()["sessionId"] for answer in answers}) == PAYMENTS_MAX


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "100.505"}, "/amount"),
        ({"amount": 100.505}, "/amount"),
        ({"amount": "0.00"}, "/amount"),
        ({"amount": "10.5", "currency": "JPY"}, "/amount"),
        ({"currency": "XXX"}, "/currency"),
        ({"amount": "-1"}, "/amount"),
        ({"tran_id": "x" * 31}, "/tran_id"),
        ({"items": []}, "/items"),
        ({"customer": {"name": "A", "phone": "1"}}, "/customer/email"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_with_its_place(change: dict[str, Any], pointer: str) -> None:
    async with staged() as stage:
        answer = await stage.init(**change)
        assert answer.status_code == 400
        assert pointer in {violation["pointer"] for violation in answer.json()["violations"]}
        assert stage.gateway.calls.total() == 0


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "sent"),
    [
        (100, "BDT", 10_000, "100.00"),
        (100.5, "BDT", 10_050, "100.50"),
        ("100.500", "BDT", 10_050, "100.50"),
        ("7", "JPY", 7, "7"),
        ("1.250", "KWD", 1_250, "1.250"),
    ],
)
async def test_the_sum_is_kept_in_minor_units_and_sent_as_the_gateway_writes_it(
    amount: object, currency: str, minor: int, sent: str
) -> None:
    async with staged() as stage:
        _, tran_id = await stage.opened(amount=amount, currency=currency)
        assert (await stage.order(tran_id))["amount_minor"] == minor
        assert stage.gateway.sales[tran_id].form["total_amount"] == sent


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("lost", 502, "gateway-unreachable"),
        ("unreachable", 502, "gateway-unreachable"),
        ("HTTP 503", 502, "gateway-nonsense"),
        ("says <html>", 502, "gateway-nonsense"),
        ('says {"status": "SUCCESS"}', 502, "gateway-nonsense"),
        ('says {"status": "SUCCESS", "sessionkey": "K", "GatewayPageURL": "javascript:x"}', 502, "gateway-nonsense"),
    ],
)
async def test_a_lost_session_leaves_the_order_pending_and_known(fault: str, status: int, kind: str) -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = [fault]
        answer = await stage.init()
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:gatewright:problem:{kind}")
        told = await stage.status(answer.json()["sessionId"])
        assert told["state"] == "PENDING"
        await stage.advance(days=2)
        assert (await stage.status(answer.json()["sessionId"]))["state"] == "EXPIRED"
        assert stage.gateway.calls["createSession"] == 1


async def test_money_on_a_session_whose_answer_was_lost_is_found_by_tran_id() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["lost"]
        session_id = (await stage.init(tran_id="LOST-1")).json()["sessionId"]
        stage.gateway.pay("LOST-1")
        await stage.advance(minutes=15)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_a_gateway_that_never_answers_is_given_ten_seconds_of_the_clock() -> None:
    async with staged() as stage:
        stage.gateway.script["createSession"] = ["hang"]
        asking = asyncio.create_task(stage.init())
        await stage.quiesce()
        await stage.advance(seconds=10)
        answer = await asking
        assert (answer.status_code, answer.json()["type"]) == (504, "urn:gatewright:problem:gateway-timed-out")
        assert (await stage.status(answer.json()["sessionId"]))["state"] == "PENDING"


async def test_a_refused_session_fails_the_payment_and_says_why() -> None:
    async with staged() as stage:
        reason = "Store Credential Error Or Store is De-active"
        stage.gateway.script["createSession"] = [f'says {{"status": "FAILED", "failedreason": "{reason}"}}']
        answer = await stage.init()
        assert (answer.status_code, answer.json()["detail"]) == (502, reason)
        assert (await stage.status(answer.json()["sessionId"]))["status"] == "FAILED"


async def test_an_ipn_before_the_answer_of_the_session_call_is_confirmed_and_shows_in_the_answer() -> None:
    async with staged() as stage:
        posted: list[asyncio.Task[Any]] = []

        def pay_early(point: str) -> None:
            if point == "after createSession":
                fields = stage.gateway.pay("EARLY-1")
                session_id = stage.gateway.sales["EARLY-1"].form["value_a"]
                posted.append(asyncio.create_task(stage.ipn(session_id, fields)))

        stage.gateway.on_call = pay_early
        answer = await stage.init(tran_id="EARLY-1")
        await stage.quiesce()
        assert answer.status_code == (await posted[0]).status_code == 200
        assert (await stage.status(answer.json()["sessionId"]))["status"] == "SUCCESS"


class PaidBeforeItAnswers(ScriptedGateway):
    """A gateway whose IPN was answered before its own answer of the session call."""

    stage: Stage

    async def answer(self, request: httpx.Request) -> httpx.Response:
        answered = await super().answer(request)
        if request.url.path.endswith("/api.php"):
            (sale,) = self.sales.values()
            await self.stage.ipn(sale.form["value_a"], self.pay(sale.tran_id))
        return answered


async def test_what_is_paid_and_not_yet_delivered_is_no_success_in_the_answer_of_init() -> None:
    gateway = PaidBeforeItAnswers()
    async with staged(gateway=gateway) as stage:
        gateway.stage = stage
        told = (await stage.init()).json()
        assert (told["state"], told["status"]) == ("CAPTURED", "VALIDATED")
        assert told["status"] == (await stage.status(told["sessionId"]))["status"]


@pytest.mark.parametrize("way", ["success", "fail", "cancel"])
async def test_a_return_sends_the_browser_on_and_writes_nothing(way: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        before = await stage.order(tran_id)
        fields = {"status": "VALID", "tran_id": tran_id, "val_id": "invented"}
        url = f"/payment/{way}/{session_id}"
        for answer in (
            await stage.client.post(url, data=fields),
            await stage.client.post(url, files={"status": (None, b"VALID")}),
            await stage.client.post(url),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, f"http://shop.test/orders/{session_id}")
        assert await stage.order(tran_id) == before
        assert stage.gateway.calls == {"createSession": 1}


@pytest.mark.parametrize("session_id", ["ses_nobody", "%20", "a" * 65, "%FF", "..%2F", "é"])
@pytest.mark.parametrize("way", ["success", "status", "ipn"])
async def test_an_unknown_session_is_not_found_whatever_it_looks_like(way: str, session_id: str) -> None:
    async with staged() as stage:
        method, fields = ("GET", None) if way == "status" else ("POST", {"tran_id": "x", "status": "VALID"})
        answer = await stage.client.request(method, f"/payment/{way}/{session_id}", data=fields)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_wrong_method_names_the_right_one() -> None:
    async with staged() as stage:
        answer = await stage.client.get("/payment/init")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_status_words_and_states_stand_side_by_side() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        told = await stage.status(session_id)
        assert told == {
            "sessionId": session_id,
            "tran_id": tran_id,
            "status": "SUCCESS",
            "state": "CAPTURED",
            "fulfilment": "DONE",
            "amount": 100.5,
            "currency": "BDT",
            "held": False,
            "expired": False,
            "refund": None,
            "updatedAt": "2030-01-01T00:00:00Z",
        }


async def test_a_merchant_without_a_provisioning_system_has_success_with_the_money() -> None:
    async with staged(SETTINGS.model_copy(update={"provisioning_url": None})) as stage:
        session_id, _ = await stage.paid()
        told = await stage.status(session_id)
        assert (told["status"], told["fulfilment"], stage.sink.calls) == ("SUCCESS", None, [])


async def test_a_merchant_without_a_gateway_account_cannot_open_a_payment() -> None:
    async with staged(SETTINGS.model_copy(update={"sslcommerz_store_id": ""}), gateway=ScriptedGateway()) as stage:
        answer = await stage.init()
        assert answer.status_code == 409


async def test_a_server_that_is_stopped_says_that_it_is_not_ready() -> None:
    async with staged() as stage:
        await stage.server.stop()
        answer = await stage.client.get("/payment/status/ses_x")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:gatewright:problem:not-ready")
