"""The right shop on the gateway's wire: what it does when all goes well, and under faults."""

import pytest

from tests.simulators.merchant.misfortunes import paid_in_silence, proven
from tests.simulators.merchant.shops import WHOLE_DAY, open_shop
from tests.simulators.stands import Json


async def test_a_purchase_is_paid_delivered_and_told_whole() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(item="manual", quantity=2, note="a=b & c")
        assert (placed["amount"], placed["currency"], placed["state"]) == ("699.00", "BDT", "PENDING")
        await shop.pay(placed)
        order = await shop.order(placed)
        assert (order["state"], order["paid"], order["refunded"], order["delivered"]) == (
            "DELIVERED",
            "699.00",
            "0.00",
            True,
        )
        [payment] = order["payments"]
        assert (payment["state"], payment["reference"]) == ("CAPTURED", f"{placed['order']}-1")
        assert (await shop.gateway_orders())[0]["state"] == "VALIDATED"


async def test_its_calls_are_the_merchants_in_the_journal_and_without_secrets() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await shop.pay(placed)
        told = await shop.stand.journal()
        calls = {(one["operation"], one["from"], one["to"]) for one in told if one["direction"] == "out"}
        assert calls == {
            ("createSession", "merchant", "gateway"),
            ("ipn", "gateway", "merchant"),
            ("validateOrder", "merchant", "gateway"),
            ("provision", "merchant", "provisioning"),
        }
        assert {one["from"] for one in told if one["operation"] == "createSession"} == {"merchant"}
        assert "qwerty" not in str(told)
        changes = [(change["before"], change["after"]) for one in told for change in one["changes"]]
        assert {("PENDING", "PAID"), ("PAID", "DELIVERED")} <= set(changes)


@pytest.mark.parametrize(("action", "state"), [("decline", "FAILED"), ("cancel", "CANCELLED")])
async def test_a_payment_that_ends_without_money_ends_the_order(action: str, state: str) -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await shop.act(placed, action)
        await shop.advance()
        assert (await shop.state(placed), await shop.effects()) == (state, 0)


@pytest.mark.parametrize(
    "fault",
    [
        "reset_before_work",
        "reset_after_work",
        "never_answer",
        "malformed_body",
        "html_page",
        "wrong_schema",
        "stale_state",
        {"status": {"code": 500}},
        {"rate_limit": {"retry_after_seconds": 30}},
        {"delay": {"by_seconds": 30}},
        {"cut_body": {"after_bytes": 20}},
        {"slow_drip": {"chunk": 1, "every_seconds": 1}},
        {"content_type": {"as": "text/plain"}},
        "redirect",
    ],
    ids=str,
)
async def test_a_spoilt_validation_is_neither_a_yes_nor_a_no(fault: Json) -> None:
    async with open_shop() as shop:
        await shop.arm(fault, operation="validateOrder", first=2)
        placed = await shop.buy()
        await shop.pay(placed)
        await shop.advance(15)
        assert await shop.state(placed) in {"PENDING", "DELIVERED"}
        await shop.advance(WHOLE_DAY)
        assert (await shop.state(placed), await shop.effects()) == ("DELIVERED", 1)


async def test_an_answer_about_another_order_settles_neither() -> None:
    async with open_shop() as shop:
        first, second = await shop.buy(), await shop.buy()
        await shop.pay(first)
        await shop.arm("other_order", operation="validateOrder", nth=1)
        await shop.pay(second)
        assert await shop.state(second) == "PENDING"
        await shop.advance(60)
        assert [await shop.state(first), await shop.state(second), await shop.effects()] == [
            "DELIVERED",
            "DELIVERED",
            2,
        ]


async def test_a_validator_that_is_away_for_days_ends_with_a_person() -> None:
    async with open_shop() as shop:
        await shop.arm({"status": {"code": 503}}, gateway="sslcommerz", operation="validateOrder")
        await shop.arm({"status": {"code": 503}}, gateway="sslcommerz", operation="queryTransaction")
        placed = await shop.buy()
        await shop.pay(placed)
        await shop.advance(WHOLE_DAY * 4)
        order = await shop.order(placed)
        assert (order["state"], order["flagged"]) == ("NEEDS_REVIEW", True)


async def test_an_order_that_nobody_pays_ends_when_the_polls_do() -> None:
    async with open_shop() as shop:
        await shop.arm("drop", event="ipn")
        placed = await shop.buy()
        await shop.advance(WHOLE_DAY)
        assert (await shop.state(placed), (await shop.order(placed))["flagged"]) == ("FAILED", False)


async def test_a_delivery_that_never_works_ends_with_a_person_who_may_refund() -> None:
    async with open_shop() as shop:
        await shop.arm({"status": {"code": 500}}, gateway="merchant", operation="provision")
        placed = await shop.buy()
        await shop.pay(placed)
        refused = await shop.ask("POST", f"/orders/{placed['order']}/refunds", {"amount": placed["amount"]})
        await shop.advance(WHOLE_DAY * 4)
        assert (refused.status_code, await shop.state(placed)) == (409, "NEEDS_REVIEW")
        taken = await shop.ask("POST", f"/orders/{placed['order']}/refunds", {"amount": placed["amount"]})
        assert (taken.status_code, await shop.state(placed)) == (202, "REFUNDED")


async def test_a_risky_payment_is_held_until_a_person_must_look() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await shop.pay(placed, risk_level=1)
        assert (await shop.state(placed), await shop.effects()) == ("HELD", 0)
        await shop.advance(WHOLE_DAY)
        order = await shop.order(placed)
        assert (order["state"], order["flagged"], order["paid"]) == ("NEEDS_REVIEW", True, "1250.00")


@pytest.mark.parametrize(
    ("action", "state", "effects"), [("release_risk", "DELIVERED", 1), ("refuse_risk", "FAILED", 0)]
)
async def test_a_held_payment_is_taken_when_released_and_ends_when_refused(
    action: str, state: str, effects: int
) -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await shop.pay(placed, risk_level=1)
        await shop.stand.control("POST", "/gateway", body={"action": action, "session": placed["session"]})
        await shop.advance(WHOLE_DAY)
        assert (await shop.state(placed), await shop.effects()) == (state, effects)


async def test_unequal_money_is_kept_on_a_list_and_never_delivered() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(amount="1250.00")
        await shop.pay(placed, amount="1250.01")
        order = await shop.order(placed)
        assert (order["state"], order["flagged"], order["paid"]) == ("NEEDS_REVIEW", True, "1250.01")
        assert await shop.effects() == 0


async def test_money_in_another_currency_is_compared_as_it_was_asked() -> None:
    async with open_shop() as shop:
        placed = await shop.buy(item="gift-card")
        assert (placed["amount"], placed["currency"]) == ("100.00", "USD")
        await shop.pay(placed)
        assert await shop.state(placed) == "DELIVERED"


async def test_a_late_payment_is_taken_up_where_the_shop_wants_it() -> None:
    async with open_shop(late_after_cancel="honour") as shop:
        placed = await shop.buy()
        await shop.ask("POST", f"/orders/{placed['order']}/cancel")
        await shop.pay(placed)
        assert await shop.state(placed) == "DELIVERED"


async def test_a_paid_order_cannot_be_cancelled_even_when_nobody_has_told_yet() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await paid_in_silence(shop, placed)
        answer = await shop.ask("POST", f"/orders/{placed['order']}/cancel")
        await shop.advance()
        assert (answer.status_code, answer.json()["state"]) == (200, "PAID")
        again = await shop.ask("POST", f"/orders/{placed['order']}/cancel")
        assert (again.status_code, await shop.state(placed)) == (409, "DELIVERED")


async def test_cancelling_waits_for_a_gateway_that_can_be_asked() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        await shop.arm({"status": {"code": 500}}, operation="queryTransaction")
        refused = await shop.ask("POST", f"/orders/{placed['order']}/cancel")
        assert (refused.status_code, await shop.state(placed)) == (503, "PENDING")
        await shop.heal()
        for _ in range(2):
            assert (await shop.ask("POST", f"/orders/{placed['order']}/cancel")).json()["state"] == "CANCELLED"


async def test_a_restart_loses_nothing_that_is_owed() -> None:
    async with open_shop() as shop:
        await shop.arm({"status": {"code": 500}}, gateway="merchant", operation="provision", nth=1)
        paid, silent = await shop.buy(), await shop.buy()
        await shop.pay(paid)
        await paid_in_silence(shop, silent)
        due = (await shop.stand.control("GET", "/due"))["due"]
        await shop.stand.control("POST", "/shop/restart")
        assert sorted(str(one) for one in (await shop.stand.control("GET", "/due"))["due"]) == sorted(map(str, due))
        await shop.advance(WHOLE_DAY)
        assert [await shop.state(paid), await shop.state(silent), await shop.effects()] == ["DELIVERED", "DELIVERED", 2]


async def test_what_was_under_way_at_a_restart_is_done_by_the_next_process_alone() -> None:
    async with open_shop() as shop:
        await shop.arm({"delay": {"by_seconds": 5}}, gateway="merchant", operation="provision", nth=1)
        placed = await shop.buy()
        await shop.act(placed)
        account = shop.stand.side.accounts.get("default")
        while not any(one.done for one in account.effects.all()):
            account.timekeeper.run_next()
            await shop.stand.control("GET", "/health")
        await shop.stand.control("POST", "/shop/restart")
        await shop.advance(60)
        order = await shop.order(placed)
        assert (order["state"], await shop.effects(), order["delivered"]) == ("DELIVERED", 1, True)


async def test_an_account_that_is_reset_has_a_new_shop_with_the_same_flaws() -> None:
    async with open_shop("no_reconciliation") as shop:
        placed = await shop.buy()
        await shop.stand.control("POST", "/reset")
        told = await shop.stand.control("GET", "/shop")
        assert (told["orders"], told["flaws"]) == (0, ["no_reconciliation"])
        assert (await shop.ask("GET", f"/orders/{placed['order']}")).status_code == 404
        assert (await shop.stand.control("GET", "/due"))["due"] == []


async def test_one_seed_makes_up_the_same_shoppers() -> None:
    seen: list[Json] = []
    for _ in range(2):
        async with open_shop() as shop:
            await shop.buy()
            await shop.buy()
            told = await shop.stand.journal(operation="createSession")
            seen.append([one["request"]["body"] for one in told if one["direction"] == "out"])
    first, second = seen[0]
    assert seen[0][0].replace(shop_port(seen[0][0]), "") == seen[1][0].replace(shop_port(seen[1][0]), "")
    assert "cus_country=Bangladesh" in first
    assert first.partition("cus_name")[2] != second.partition("cus_name")[2]


def shop_port(body: str) -> str:
    """Return the port that the shop's addresses have in a form."""
    return body.partition("127.0.0.1%3A")[2].partition("%2F")[0]


async def test_a_refused_session_fails_the_order_and_a_lost_one_keeps_it() -> None:
    async with open_shop() as shop:
        refused = await shop.ask("POST", "/orders", {"amount": "1.00"})
        assert (refused.status_code, refused.headers["content-type"]) == (502, "application/problem+json")
        assert await shop.state(refused.json()) == "FAILED"
        await shop.arm("reset_after_work", operation="createSession", nth=1)
        lost = (await shop.ask("POST", "/orders", {})).json()
        assert await shop.state(lost) == "PENDING"
        again = (await shop.ask("POST", f"/orders/{lost['order']}/payments")).json()
        assert again["reference"] == f"{lost['order']}-1"
        await shop.pay(again)
        assert await shop.state(lost) == "DELIVERED"


async def test_both_sessions_of_one_reference_are_settled_one_kept_and_one_returned() -> None:
    async with open_shop() as shop:
        await shop.arm("reset_after_work", operation="createSession", nth=1)
        lost = (await shop.ask("POST", "/orders", {})).json()
        await shop.ask("POST", f"/orders/{lost['order']}/payments")
        for told in await shop.gateway_orders():
            await shop.pay({"session": told["session"]})
        order = await shop.order(lost)
        assert (order["state"], await shop.effects()) == ("DELIVERED", 1)
        assert [one["state"] for one in order["payments"]] == ["CAPTURED", "SURPLUS"]
        assert [one["cause"] for one in order["refunds"]] == ["second_payment"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"status=VALID", 400),
        (b"status=VALID&tran_id=x", 400),
        (b"status=NEWS&tran_id=x", 400),
        (b"&".join([b"a=1"] * 1_000), 400),
    ],
)
async def test_what_is_no_notification_is_refused(body: bytes, status: int) -> None:
    async with open_shop() as shop:
        assert (await shop.post(body)).status_code == status


async def test_a_repeated_field_is_refused_whatever_is_signed() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        fields = await paid_in_silence(shop, placed)
        body = "&".join(f"{name}={value}" for name, value in fields.items()) + "&amount=1"
        assert (await shop.post(body.encode())).status_code == 400


async def test_a_proven_failure_that_came_too_late_is_taken_and_changes_nothing() -> None:
    async with open_shop() as shop:
        placed = await shop.buy()
        outcome = await shop.pay(placed)
        late = proven({**outcome["return"]["fields"], "status": "CANCELLED"})
        assert ((await shop.post(late)).status_code, await shop.state(placed)) == (200, "DELIVERED")


async def test_settings_that_are_none_are_refused_by_name() -> None:
    async with open_shop() as shop:
        answer = await shop.stand.ask_control("PUT", "/shop", body={"settings": {"limit_seconds": 0, "colour": "red"}})
        assert answer.status_code == 422
        assert {"limit_seconds", "colour"} <= set(answer.text.replace(":", " ").replace('"', " ").split())


async def test_the_right_shop_is_what_a_fresh_account_has() -> None:
    async with open_shop() as shop:
        await shop.stand.control("POST", "/accounts", body={"name": "other", "now": "2030-01-01T00:00:00Z"})
        told = await shop.stand.control("GET", "/shop", account="other")
        assert (told["flaws"], told["ready"], told["settings"]["tests_name_amounts"]) == ([], True, False)
        assert told["notification_url"].endswith("/other/shop/ipn")
        items = (await shop.ask("GET", "/catalogue")).json()["items"]
        assert items[0]["price"] == "1250.00"


@pytest.mark.parametrize("path", ["/orders/none", "/orders/none/cancel", "/orders/none/payments"])
async def test_an_order_that_is_none_is_not_found(path: str) -> None:
    async with open_shop() as shop:
        method = "GET" if path.endswith("none") else "POST"
        assert (await shop.ask(method, path)).status_code == 404
        assert (await shop.ask("POST", "/orders", {"item": "air"})).status_code == 404
