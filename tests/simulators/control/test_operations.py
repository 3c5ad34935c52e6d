"""The operations of control.yaml on this side; every answer is held to the document by the stand."""

import asyncio

import pytest

from tests.simulators.stands import NO_SETTINGS, Json, Receiver, Stand, open_stand, served, until


async def refusal(stand: Stand, method: str, path: str, body: Json = None, *, account: str = "default") -> Json:
    answer = await stand.ask_control(method, path, account=account, body=body)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


async def test_health_names_the_listeners() -> None:
    async with open_stand() as stand:
        health = await stand.control("GET", "/health")
        assert (health["side"], health["ready"], health["listeners"]) == ("simulators", True, stand.urls)
        await stand.side.stop()
        assert (await stand.control("GET", "/health"))["ready"] is False


async def test_the_clock_is_frozen_set_and_let_go() -> None:
    async with open_stand(clock="system") as stand:
        assert (await stand.control("GET", "/clock"))["mode"] == "system"
        frozen = await stand.control("PUT", "/clock", body={"mode": "virtual"})
        assert frozen["mode"] == "virtual"
        assert (await stand.control("GET", "/clock"))["now"] == frozen["now"]
        stood = await stand.control("PUT", "/clock", body={"now": "2950-01-01T06:00:00+06:00"})
        assert stood["now"] == "2950-01-01T00:00:00.000000Z"
        assert (await stand.control("PUT", "/clock", body={"mode": "system"}))["mode"] == "system"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("PUT", "/clock", {"now": "2029-12-31T23:59:59Z"}, 409, "cannot go back"),
        ("PUT", "/clock", {"now": "9999-12-31T23:59:59Z"}, 422, "1970 to 2999"),
        ("PUT", "/clock", {"now": "2031-01-01T00:00:00Z", "mode": "system"}, 422, "cannot be set"),
        ("PUT", "/clock", {"now": "tomorrow"}, 422, "/now"),
        ("PUT", "/clock", {}, 422, ""),
        ("POST", "/clock/advance", {"to": "2029-01-01T00:00:00Z"}, 409, "cannot go back"),
        ("POST", "/clock/advance", {"by_seconds": 3_155_760_000, "to": "2031-01-01T00:00:00Z"}, 422, ""),
        ("DELETE", "/faults/rule-9", None, 404, "in force are none"),
        ("POST", "/accounts", {"name": "default"}, 409, "already"),
        ("POST", "/accounts", {"name": "Über"}, 422, "/name"),
        ("POST", "/accounts", {"name": "a", "settings": {"stripe": {}}}, 422, "no gateway stripe"),
        ("POST", "/accounts", {"name": "a", "settings": {"sslcommerz": {"x": 1}}}, 422, "there are session_seconds"),
        ("DELETE", "/accounts/nobody", None, 404, "there are default"),
        ("DELETE", "/accounts/default", None, 409, "reset it instead"),
        ("POST", "/shopper", {"action": "pay"}, 422, "order and session"),
        ("POST", "/shopper", {"action": "pay", "order": "x"}, 404, "there is no session 'x'"),
        ("POST", "/trigger", {"event": "ipn", "order": "x"}, 404, "no url was given"),
        ("POST", "/trigger", {"event": "refund"}, 422, "/event"),
        ("PUT", "/seed", {"seed": -1}, 422, "/seed"),
        ("POST", "/shopper", {"action": "dance", "order": "x"}, 422, "open, pay, decline, cancel, leave"),
        ("GET", "/nothing", None, 404, ""),
        ("PATCH", "/clock", None, 405, "it has GET"),
    ],
)
async def test_a_refusal_is_a_problem_that_says_what_was_wrong(
    method: str, path: str, body: Json, status: int, said: str
) -> None:
    async with open_stand() as stand:
        problem = await refusal(stand, method, path, body)
        assert (problem["status"], said in str(problem)) == (status, True)


async def test_an_unknown_account_is_named_with_those_there_are() -> None:
    async with open_stand() as stand:
        for path in ("/clock", "/due", "/faults", "/journal", "/orders", "/effects"):
            assert "there are default" in (await refusal(stand, "GET", path, account="nobody"))["detail"]


async def test_a_form_is_no_json() -> None:
    async with open_stand() as stand:
        answer = await stand.client.put(f"{stand.urls['control']}/_control/seed", data={"seed": "1"})
        assert answer.status_code == 415


async def test_what_is_due_is_run_one_at_a_time() -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        await stand.open_session(ipn_url=f"{shop}/ipn")
        await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        [due] = (await stand.control("GET", "/due"))["due"]
        assert (due["kind"], due["name"], due["subject"]) == ("send", "ipn", "ORDER-1")
        ran = await stand.control("POST", "/clock/run")
        assert (ran["ran"], ran["failed"], ran["due"]) == (due, [], None)
        await until(lambda: bool(receiver.got))
        assert (await stand.control("POST", "/clock/run"))["ran"] is None


async def test_advancing_says_what_ran_and_where_time_stands() -> None:
    async with open_stand() as stand:
        await stand.open_session()
        advanced = await stand.control("POST", "/clock/advance", body={"to": "2030-01-01T01:00:00Z"})
        assert [due["name"] for due in advanced["ran"]] == ["expire_session"]
        assert (advanced["quiet"], advanced["now"], advanced["due"]) == (True, "2030-01-01T01:00:00.000000Z", None)


async def test_the_machines_clock_is_not_advanced() -> None:
    async with open_stand(clock="system") as stand:
        problem = await refusal(stand, "POST", "/clock/advance", {"by_seconds": 1})
        assert "cannot be advanced" in problem["detail"]


async def test_rules_are_armed_listed_and_removed() -> None:
    async with open_stand() as stand:
        rule = {"when": {"event": "ipn", "probability": 0.5, "nth": 2}, "faults": [{"late": {"by_seconds": 60}}]}
        armed = await stand.control("POST", "/faults", body=rule)
        assert armed == {"id": "rule-1", **rule, "matched": 0}
        assert (await stand.control("GET", "/faults"))["rules"] == [armed]
        await stand.control("DELETE", "/faults/rule-1")
        await stand.control("POST", "/faults", body={"faults": [{"drop": {}}]})
        await stand.control("DELETE", "/faults")
        assert (await stand.control("GET", "/faults"))["rules"] == []


async def test_a_rule_is_refused_with_the_place_of_every_mistake() -> None:
    async with open_stand() as stand:
        rule: Json = {
            "when": {"before": "2031-01-01T00:00:00Z"},
            "faults": [{"late": NO_SETTINGS}, {"explode": NO_SETTINGS}],
        }
        problem = await refusal(stand, "POST", "/faults", rule)
        assert [one["pointer"] for one in problem["violations"]] == ["/faults/0/late/by_seconds", "/faults/1/explode"]


def is_awaited(event: asyncio.Event) -> bool:
    """Say whether somebody waits for the event: asyncio tells so in its words for people alone."""
    return "waiters:1" in repr(event)


async def test_the_journal_is_followed_without_asking_again_and_again() -> None:
    async with open_stand() as stand:
        journal = stand.side.accounts.get("default").journal
        waiting = asyncio.create_task(stand.control("GET", "/journal", wait=20))
        await until(lambda: is_awaited(journal.news))
        await stand.open_session()
        told = await waiting
        assert [one["operation"] for one in told["exchanges"]] == ["createSession"]
        newer = await stand.control("GET", "/journal", after=told["exchanges"][-1]["id"], wait=1)
        assert newer["exchanges"] == []
        await stand.control("DELETE", "/journal")
        assert await stand.journal() == []


async def test_an_account_shows_its_secrets_once_and_leaves_nothing_behind() -> None:
    async with open_stand() as stand:
        opened = await stand.control("POST", "/accounts", body={"name": "mine", "seed": 4})
        store = opened["credentials"]["sslcommerz"]
        assert opened["base_urls"]["provisioning"] == f"{stand.urls['merchant']}/mine/provision"
        listed = await stand.control("GET", "/accounts")
        assert [(one["name"], one["seed"]) for one in listed["accounts"]] == [("default", 7), ("mine", 4)]
        assert store["store_passwd"] not in str(listed)
        assert (await stand.open_session(**store))["status"] == "SUCCESS"
        await stand.control("DELETE", "/accounts/mine")
        assert (await stand.open_session(**store))["status"] == "FAILED"
        assert (await stand.control("POST", "/accounts", body={"name": "mine"}))["name"] == "mine"


async def test_a_reset_forgets_everything_but_credentials_and_clock() -> None:
    async with open_stand() as stand:
        page = (await stand.open_session())["GatewayPageURL"]
        await stand.control("POST", "/faults", body={"faults": [{"drop": {}}]})
        await stand.control("POST", "/reset")
        assert "Invalid session" in (await stand.client.get(page)).text
        found = [
            (await stand.control("GET", "/orders"))["orders"],
            (await stand.control("GET", "/faults"))["rules"],
            (await stand.control("GET", "/due"))["due"],
        ]
        assert found == [[], [], []]
        assert (await stand.open_session())["status"] == "SUCCESS"


async def test_a_seed_makes_ids_repeat() -> None:
    keys: list[str] = []
    async with open_stand() as stand:
        for _ in range(2):
            await stand.control("PUT", "/seed", body={"seed": 99})
            await stand.control("POST", "/reset")
            keys.append((await stand.open_session())["sessionkey"])
        await stand.control("PUT", "/seed", body={"seed": 98})
        assert (await stand.open_session())["sessionkey"] != keys[0]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("wish", "status", "signed", "note"),
    [
        ({"order": "ORDER-1"}, "VALID", True, "proof right"),
        ({"order": "ORDER-1", "fields": {"status": "CANCELLED"}}, "CANCELLED", True, "proof right"),
        ({"order": "ORDER-1", "proof": "wrong_key"}, "VALID", True, "proof wrong_key"),
        ({"order": "ORDER-1", "proof": "missing"}, "VALID", False, "proof missing"),
        ({"order": "ORDER-1", "proof": "altered"}, "VALID", True, "proof altered"),
        ({"order": "NOBODYS", "fields": {"amount": "5.00"}}, "VALID", True, "amount=5.00"),
    ],
)
async def test_a_notification_of_ones_own_is_sent_as_wished(wish: Json, status: str, signed: Json, note: str) -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        await stand.open_session(ipn_url=f"{shop}/ipn")
        planned = await stand.control("POST", "/trigger", body={"event": "ipn", "url": f"{shop}/ipn", **wish})
        assert [send["name"] for send in planned["sends"]] == ["ipn"]
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        [ipn] = receiver.got
        assert (ipn["status"], "verify_sign" in ipn, ipn["tran_id"]) == (status, signed, wish["order"])
        [exchange] = await stand.journal(operation="ipn")
        assert (exchange["forged"], note in exchange["note"]) == (wish.get("proof", "right") != "right", True)
        assert "qwerty" not in exchange["note"]


async def test_fault_rules_apply_to_notifications_of_ones_own() -> None:
    async with open_stand() as stand:
        await stand.open_session(ipn_url="http://127.0.0.1:9/ipn")
        await stand.control("POST", "/faults", body={"faults": [{"duplicate": {"copies": 3, "every_seconds": 5}}]})
        planned = await stand.control("POST", "/trigger", body={"event": "ipn", "order": "ORDER-1"})
        assert [send["at"][17:19] for send in planned["sends"]] == ["00", "05", "10"]


async def test_a_shopper_played_is_in_the_journal_as_the_page_that_it_stands_for() -> None:
    async with open_stand() as stand:
        await stand.open_session(ipn_url="http://127.0.0.1:9/ipn")
        assert (await stand.control("POST", "/shopper", body={"action": "leave", "order": "ORDER-1"}))["return"] is None
        await stand.control("POST", "/shopper", body={"action": "decline", "order": "ORDER-1", "reason": "No money"})
        told = await stand.journal()
        assert [(one["operation"], one["kind"], one["note"]) for one in told[1:]] == [
            ("showCheckout", "page", "played through the control plane: leave"),
            ("chooseOutcome", "page", "played through the control plane: decline"),
        ]
        assert told[2]["request"]["url"].startswith(f"{stand.urls['sslcommerz']}/EasyCheckOut/testcde")
        assert [change["after"] for change in told[2]["changes"]] == ["FAILED"]


async def test_the_journal_refuses_a_filter_that_it_does_not_know() -> None:
    async with open_stand() as stand:
        answer = await stand.ask_control("GET", "/journal", tran_id="ORDER-1")
        assert (answer.status_code, "tran_id" in answer.text) == (422, True)


async def test_what_the_gateways_staff_may_not_do_is_in_the_journal_with_the_reason() -> None:
    async with open_stand() as stand:
        await stand.open_session()
        refused = await stand.ask_control("POST", "/gateway", body={"action": "release_risk", "order": "ORDER-1"})
        unknown = await stand.ask_control("POST", "/gateway", body={"action": "release_risk", "order": "NOBODYS"})
        told = await stand.journal(operation="playGateway")
        assert [refused.status_code, unknown.status_code] == [one["answer"]["status"] for one in told] == [409, 404]
        assert [one["changes"] for one in told] == [[], []]
        assert "refused: the payment of ORDER-1 is not risky" in told[0]["note"]


async def test_what_a_job_of_the_gateway_changes_is_in_the_journal() -> None:
    async with open_stand() as stand:
        await stand.open_session(tran_id="ORDER-0")
        await stand.open_session()
        paid = await stand.control("POST", "/shopper", body={"action": "pay", "order": "ORDER-1"})
        wanted = {"bank_tran_id": paid["return"]["fields"]["bank_tran_id"], "refund_amount": "1", "refund_remarks": "x"}
        await stand.query(**wanted)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 86_400})
        jobs = [one for one in await stand.journal() if one["from"] == "gateway"]
        changes = [(one["operation"], one["subject"], *one["changes"][0].values()) for one in jobs]
        assert [(*told[:3], *told[4:]) for told in changes] == [
            ("settle_refund", "ORDER-1", "refund", "processing", "refunded", "settled"),
            ("expire_session", "ORDER-0", "gateway_order", "PENDING", "EXPIRED", "timed_out"),
        ]
        assert [one["at"][:19] for one in jobs] == ["2030-01-01T00:01:00", "2030-01-01T00:30:00"]


@pytest.mark.parametrize("status", ["UNATTEMPTED", "EXPIRED"])
async def test_news_of_ones_own_of_a_session_that_nobody_paid_names_no_try(status: str) -> None:
    # Fact sheet section 4 (C): val_id, store_amount, bank_tran_id and the card's fields are there and empty.
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        await stand.open_session(ipn_url=f"{shop}/ipn")
        wish = {"event": "ipn", "order": "ORDER-1", "fields": {"status": status}}
        await stand.control("POST", "/trigger", body=wish)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        [ipn] = receiver.got
        empty = ("val_id", "store_amount", "bank_tran_id", "card_no", "card_type", "card_brand")
        assert {name: ipn[name] for name in empty} == dict.fromkeys(empty, "")
