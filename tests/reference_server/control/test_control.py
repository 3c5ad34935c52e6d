"""The server's control plane over its document: clock, journal, accounts, orders, reset, seed, and who may ask."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from reference_server.app import create_app
from reference_server.clock import ClockMode
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from tests.reference_server.engine import placed
from tests.reference_server.stage import SETTINGS, Stage, staged

GATEWAY = {
    "name": "sslcommerz",
    "credentials": {"store_id": "testbox", "store_passwd": "qwerty"},
    "base_url": "http://sslcommerz.test/",
}
ACCOUNT = {
    "name": "shop-2",
    "gateway": GATEWAY,
    "provisioning_url": "http://merchant.test/provision",
    "frontend_url": "http://two.test/",
}


async def ask(stage: Stage, method: str, path: str, **more: Any) -> Any:
    answer = await stage.client.request(method, f"/_control/{path}", **more)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def refused(stage: Stage, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = await stage.client.request(method, f"/_control/{path}", **more)
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_health_says_which_side_is_ready() -> None:
    async with staged() as stage:
        told = await ask(stage, "GET", "health")
        assert (told["side"], told["ready"], told["listeners"]) == ("server", True, {"server": "http://server.test"})


async def test_the_clock_is_read_set_and_never_set_back() -> None:
    async with staged() as stage:
        assert (await ask(stage, "GET", "clock"))["now"] == "2030-01-01T00:00:00.000000Z"
        told = await ask(stage, "PUT", "clock", json={"now": "2030-01-01T06:00:01+06:00"})
        assert (told["now"], told["mode"], told["due"]) == ("2030-01-01T00:00:01.000000Z", "virtual", None)
        assert await refused(stage, "PUT", "clock", json={"now": "2029-01-01T00:00:00Z"}) == (409, "conflict")
        assert await refused(stage, "PUT", "clock", json={"now": "9999-12-31T23:59:59-23:00"}) == (400, "invalid")
        both = {"mode": "system", "now": "2031-01-01T00:00:00Z"}
        assert await refused(stage, "PUT", "clock", json=both) == (409, "conflict")


async def test_the_machines_time_runs_again_and_can_be_frozen() -> None:
    async with staged() as stage:
        assert (await ask(stage, "PUT", "clock", json={"mode": "system"}))["mode"] == "system"
        assert await refused(stage, "POST", "clock/run") == (409, "conflict")
        assert await refused(stage, "POST", "clock/advance", json={"by_seconds": 1}) == (409, "conflict")
        assert (await ask(stage, "PUT", "clock", json={"mode": "virtual"}))["mode"] == "virtual"


async def test_what_is_due_is_listed_and_run_one_at_a_time() -> None:
    async with staged() as stage:
        _, tran_id = await stage.opened()
        names = [due["name"] for due in (await ask(stage, "GET", "due"))["due"]]
        assert names == ["expire_session", "reconcile_payment"]
        assert len((await ask(stage, "GET", "due?limit=1"))["due"]) == 1
        assert (await ask(stage, "POST", "clock/run"))["ran"] is None
        await ask(stage, "PUT", "clock", json={"now": "2030-01-01T00:15:00Z"})
        told = await ask(stage, "POST", "clock/run")
        assert (told["ran"]["name"], told["ran"]["subject"], told["failed"]) == ("expire_session", tran_id, [])


async def test_advancing_runs_everything_on_the_way() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        told = await ask(stage, "POST", "clock/advance", json={"by_seconds": 86_400})
        assert [due["name"] for due in told["ran"]] == ["expire_session"] + ["reconcile_payment"] * 4
        assert (told["quiet"], told["now"], told["due"]) == (True, "2030-01-02T00:00:00.000000Z", None)
        assert (await stage.status(session_id))["state"] == "EXPIRED"
        told = await ask(stage, "POST", "clock/advance", json={"to": "2030-02-01T00:00:00Z"})
        assert (told["now"], told["ran"]) == ("2030-02-01T00:00:00.000000Z", [])
        assert await refused(stage, "POST", "clock/advance", json={"to": "2030-01-01T00:00:00Z"}) == (409, "conflict")


async def test_the_journal_is_read_selected_followed_and_cleared() -> None:
    async with staged() as stage:
        _, tran_id = await stage.paid()
        told = (await ask(stage, "GET", "journal"))["exchanges"]
        operations = [exchange["operation"] for exchange in told]
        assert operations == ["initPayment", "createSession", "ipn", "validateOrder", "provision"]
        assert {exchange["subject"] for exchange in told} == {tran_id}
        changes = [change["after"] for exchange in told for change in exchange["changes"]]
        assert changes == ["PENDING", "CAPTURED", "CAPTURED", "OWED", "DONE"]
        chosen = await ask(stage, "GET", f"journal?operation=ipn&order={tran_id}&account=default&wait=1")
        assert [exchange["operation"] for exchange in chosen["exchanges"]] == ["ipn"]
        assert await ask(stage, "DELETE", "journal") is None
        assert (await ask(stage, "GET", "journal"))["exchanges"] == []


async def test_nothing_secret_is_in_the_journal() -> None:
    async with staged() as stage:
        await stage.paid()
        told = str(await ask(stage, "GET", "journal"))
        assert "qwerty" not in told
        assert "sec_test" not in told


async def test_a_fresh_account_pays_with_its_own_key_and_frontend() -> None:
    async with staged() as stage:
        opened = await ask(stage, "POST", "accounts", json=ACCOUNT)
        api = opened["credentials"]["api"]
        headers = {"x-api-key": api["key"], "x-api-secret": api["secret"]}
        body = {"amount": 5, "items": [{"name": "a", "quantity": 1}], "tran_id": "GW1"}
        customer = {"name": "A", "email": "a@b.example", "phone": "1"}
        answer = await stage.client.post("/payment/init", json=body | {"customer": customer}, headers=headers)
        returned = await stage.client.post(f"/payment/fail/{answer.json()['sessionId']}")
        assert returned.headers["location"].startswith("http://two.test/orders/")
        assert [order["order"] for order in (await ask(stage, "GET", "orders?account=shop-2"))["orders"]] == ["GW1"]
        assert (await ask(stage, "GET", "orders?account=default"))["orders"] == []
        listed = (await ask(stage, "GET", "accounts"))["accounts"]
        assert listed == [{"name": name, "gateways": ["sslcommerz"]} for name in ("default", "shop-2")]
        assert "secret" not in str(listed)


async def test_two_accounts_may_use_one_tran_id() -> None:
    async with staged() as stage:
        await stage.opened(tran_id="SAME")
        api = (await ask(stage, "POST", "accounts", json=ACCOUNT))["credentials"]["api"]
        headers = {"x-api-key": api["key"], "x-api-secret": api["secret"]}
        body = {"amount": 5, "items": [{"name": "a", "quantity": 1}], "tran_id": "SAME"}
        customer = {"name": "A", "email": "a@b.example", "phone": "1"}
        answer = await stage.client.post("/payment/init", json=body | {"customer": customer}, headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"name": "default"}, (409, "conflict")),
        ({"name": "Not A Name"}, (400, "invalid")),
        ({"gateway": GATEWAY | {"credentials": {"store_id": "x"}}}, (400, "invalid")),
        ({"gateway": GATEWAY | {"name": "paypal"}}, (400, "invalid")),
        ({"frontend_url": "http://two.test:99999"}, (400, "invalid")),
        ({"frontend_url": "javascript:alert(1)"}, (400, "invalid")),
    ],
)
async def test_an_account_that_cannot_be_is_refused(change: dict[str, Any], answer: tuple[int, str]) -> None:
    async with staged() as stage:
        assert await refused(stage, "POST", "accounts", json=ACCOUNT | change) == answer


async def test_an_account_without_a_gateway_exists_and_draws_its_key_from_its_own_seed() -> None:
    async with staged() as one, staged() as other:
        keys = [
            (await ask(stage, "POST", "accounts", json={"name": "bare", "seed": seed}))["credentials"]["api"]["key"]
            for stage, seed in ((one, 1), (other, 1))
        ]
        assert keys[0] == keys[1]
        again = await ask(one, "POST", "accounts", json={"name": "bare-2", "seed": 2})
        assert again["credentials"]["api"]["key"] != keys[0]


async def test_orders_show_money_delivery_and_the_audit_trail() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.paid()
        (order,) = (await ask(stage, "GET", "orders"))["orders"]
        trail = order.pop("audit")
        assert order == {
            "order": tran_id,
            "session": session_id,
            "account": "default",
            "amount_minor": 10_050,
            "currency": "BDT",
            "state": "CAPTURED",
            "status": "SUCCESS",
            "fulfilment": "DONE",
            "captured_minor": 10_050,
            "refunded_minor": 0,
            "refunds_pending_minor": 0,
            "refunds": [],
        }
        assert [(line["resource"], line["after"]) for line in trail] == [
            ("payment", "PENDING"), ("attempt", "CAPTURED"), ("payment", "CAPTURED"), ("fulfilment", "OWED"),
            ("fulfilment", "DONE"),
        ]  # fmt: skip


async def test_reset_forgets_orders_and_what_is_owed_and_keeps_accounts_and_clock() -> None:
    async with staged() as stage:
        await ask(stage, "POST", "accounts", json=ACCOUNT)
        await stage.paid()
        await stage.opened()
        await stage.advance(minutes=1)
        await ask(stage, "POST", "reset?account=shop-2")
        assert len((await ask(stage, "GET", "orders"))["orders"]) == 2
        await ask(stage, "POST", "reset")
        assert (await ask(stage, "GET", "orders"))["orders"] == []
        clock = await ask(stage, "GET", "clock")
        assert (clock["now"], clock["due"]) == ("2030-01-01T00:01:00.000000Z", None)
        assert len((await ask(stage, "GET", "accounts"))["accounts"]) == 2
        assert await refused(stage, "POST", "reset?account=nobody") == (404, "not-found")
        assert await refused(stage, "GET", "orders?account=nobody") == (404, "not-found")


async def test_a_seed_that_is_set_draws_the_same_again() -> None:
    async with staged() as stage:
        await ask(stage, "PUT", "seed?account=default", json={"seed": 5})
        first = await stage.opened()
        await ask(stage, "POST", "reset")
        await ask(stage, "PUT", "seed", json={"seed": 5})
        assert await stage.opened() == first


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": ""},
        {"host": "[bad"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://[bad"},
        {"origin": "http://127.0.0.1:9100"},
        {"origin": "http://server.test:8080"},
        {"origin": "https://server.test"},
        {"host": "localhost:9", "origin": "http://localhost:10"},
    ],
)
async def test_a_foreign_host_or_origin_is_turned_away(headers: dict[str, str]) -> None:
    async with staged() as stage:
        assert await refused(stage, "POST", "reset", headers=headers) == (403, "forbidden")


@pytest.mark.parametrize(
    "headers",
    [{"host": "localhost:9"}, {"host": "[::1]:9"}, {"host": "SERVER.test"}, {"origin": "http://server.test"}],
)
async def test_this_machine_and_our_own_names_may_ask(headers: dict[str, str]) -> None:
    async with staged() as stage:
        await ask(stage, "GET", "health", headers=headers)


async def test_the_simulators_part_of_the_document_is_unknown_here() -> None:
    async with staged() as stage:
        assert await refused(stage, "GET", "faults") == (404, "not-found")
        assert await refused(stage, "GET", "nothing") == (404, "not-found")


async def test_without_the_setting_there_is_no_control_plane() -> None:
    quiet = SETTINGS.model_copy(update={"control": False, "clock": ClockMode.SYSTEM})
    async with staged(quiet) as stage:
        assert await refused(stage, "GET", "health") == (404, "not-found")


async def test_a_job_that_owes_itself_at_one_instant_is_stopped_and_named() -> None:
    async with staged() as stage:
        await stage.opened()
        worker = stage.server.worker

        async def again(claim: Claim) -> Conclusion:
            def conclude(session: Session) -> datetime:
                return claim.due_at

            return conclude

        worker.functions = {**worker.functions, "expire_session": again}
        told = await ask(stage, "POST", "clock/advance", json={"by_seconds": 900})
        assert told["quiet"] is False
        assert "expire_session" in told["because"]
        assert "again and again" in told["because"]


async def test_starting_twice_is_starting_once_and_the_lifespan_drives_both() -> None:
    server = create_app(placed(SETTINGS))
    sent: list[Any] = []
    inbox = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(inbox)

    async def send(message: Any) -> None:
        sent.append((message["type"], server.control.read_health()["ready"]))

    await server.asgi({"type": "lifespan"}, receive, send)
    assert sent == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]
    await server.start()
    await server.start()
    await server.stop()


async def test_a_start_that_fails_is_told_to_whoever_serves(tmp_path: Any) -> None:
    settings = SETTINGS.model_copy(update={"database_url": f"sqlite:///{tmp_path}/a.db"})
    async with staged(settings):
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "lifespan.startup"}

        async def send(message: Any) -> None:
            sent.append(message)

        await create_app(settings).asgi({"type": "lifespan"}, receive, send)
        assert sent[0]["type"] == "lifespan.startup.failed"
        assert "PostgreSQL" in sent[0]["message"]


async def test_an_advance_that_something_holds_up_says_so_and_does_not_hang() -> None:
    impatient = SETTINGS.model_copy(update={"advance_limit_seconds": 0.01})
    async with staged(impatient) as stage:
        stage.sink.script = ["hang"]
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        told = await ask(stage, "POST", "clock/advance", json={"by_seconds": 0})
        assert (told["quiet"], "running" in told["because"]) == (False, True)
