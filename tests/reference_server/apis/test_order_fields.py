"""Document 000's order: every field for whoever may read it, nobody's name for whoever only knows the session."""

from collections.abc import Mapping
from typing import Any

import pytest

from reference_server.apis.hosted_page.standing import ANSWERS_SHOWN_MAX
from tests.reference_server.scripted import STORE_PASSWD
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, Stage, staged

PUBLIC = {
    "sessionId",
    "tran_id",
    "status",
    "state",
    "fulfilment",
    "amount",
    "currency",
    "held",
    "expired",
    "refund",
    "updatedAt",
}
WHOLE = PUBLIC | {"val_id", "customer", "items", "chassisNo", "productKey", "payment_info", "externalApiResponse"}
MERCHANT = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}


async def read(stage: Stage, session_id: str, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = await stage.client.get(f"/payment/status/{session_id}", headers=dict(headers))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_merchant_reads_the_whole_order() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        order = await read(stage, session_id, MERCHANT)

        assert order.keys() == WHOLE
        assert order["val_id"] == stage.gateway.sales[tran_id].val_id
        assert order["customer"]["email"] == "rahima@shop.example"
        assert (order["items"], order["chassisNo"], order["productKey"]) == (
            ORDER["items"],
            ORDER["chassisNo"],
            ORDER["productKey"],
        )
        assert order["payment_info"][-1]["answer"].items() >= {"status": "VALID", "tran_id": tran_id}.items()
        assert "LIC-" in order["externalApiResponse"]


async def test_the_bearer_of_the_tracking_token_reads_the_whole_order() -> None:
    async with staged() as stage:
        told = (await stage.init()).json()
        order = await read(stage, told["sessionId"], {"x-tracking-token": told["trackingToken"]})

        assert order.keys() == WHOLE
        assert (order["val_id"], order["payment_info"], order["externalApiResponse"]) == ("", [], None)


async def test_whoever_knows_the_session_alone_reads_nothing_of_the_shopper() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        answer = await stage.client.get(f"/payment/status/{session_id}")

        assert answer.json().keys() == PUBLIC
        assert not [word for word in ("Rahima", "rahima@", "01711", "JT2BF", "LIC-") if word in answer.text]


async def test_another_merchant_reads_what_everybody_reads() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        opened = await stage.client.post("/_control/accounts", json={"name": "two"})
        api = opened.json()["credentials"]["api"]
        order = await read(stage, session_id, {"x-api-key": api["key"], "x-api-secret": api["secret"]})

        assert order.keys() == PUBLIC


@pytest.mark.parametrize(
    "headers",
    [
        {"x-tracking-token": "trk_00000000000000000000000000000000"},
        {"x-tracking-token": "é"},
        {"x-api-key": API_KEY},
        {"x-api-key": API_KEY, "x-api-secret": "wrong"},
        {"x-api-secret": API_SECRET},
    ],
)
async def test_a_right_that_is_shown_and_wrong_is_refused(headers: dict[str, str]) -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        answer = await stage.client.get(f"/payment/status/{session_id}", headers=raw)

        assert answer.status_code == 401


async def test_a_token_opens_its_own_payment_only() -> None:
    async with staged() as stage:
        mine, theirs = (await stage.init()).json(), (await stage.init()).json()
        answer = await stage.client.get(
            f"/payment/status/{theirs['sessionId']}", headers={"x-tracking-token": mine["trackingToken"]}
        )

        assert answer.status_code == 401


async def test_every_answer_of_the_validator_is_kept_and_the_last_are_shown() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id, risk_level="1"))
        await stage.advance(hours=30)
        order = await read(stage, session_id, MERCHANT)
        words = [kept["answer"]["risk_level"] for kept in order["payment_info"]]
        instants = [kept["at"] for kept in order["payment_info"]]

        assert 5 < len(words) <= ANSWERS_SHOWN_MAX
        assert set(words) == {"1"}
        assert instants == sorted(instants)
        assert instants[-1] > "2030-01-02"


async def test_a_secret_in_an_answer_of_a_peer_is_blanked() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(
            session_id, stage.gateway.pay(tran_id, note=f"with {STORE_PASSWD} in it", store_passwd=STORE_PASSWD)
        )
        await stage.quiesce()
        answer = await stage.client.get(f"/payment/status/{session_id}", headers=MERCHANT)

        assert STORE_PASSWD not in answer.text
        assert answer.json()["payment_info"][-1]["answer"]["note"] == "with *** in it"


async def test_the_tracking_token_is_told_once_and_nowhere_else() -> None:
    async with staged() as stage:
        told = (await stage.init()).json()
        journal: Any = await stage.server.control.read_journal()
        stored = stage.server.database.read_now(
            lambda session: session.connection().exec_driver_sql("select * from payments").mappings().one()
        )

        assert len(told["trackingToken"]) == 36
        assert told["trackingToken"] not in str(journal)
        assert told["trackingToken"] not in str(dict(stored))


async def test_pages_of_the_merchants_frontend_may_read_the_status() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        answer = await stage.client.get(f"/payment/status/{session_id}", headers={"origin": "http://evil.test"})

        assert answer.headers["access-control-allow-origin"] == "http://shop.test"
