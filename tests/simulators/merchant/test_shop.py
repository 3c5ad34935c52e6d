"""The demo shop: it buys through the reference server and shows a payment in words."""

import asyncio
import json
import re
from dataclasses import dataclass, field

import pytest

from contracts.binding import Receive, Scope, Send
from simulators.gateways.sslcommerz.memory import Memory
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.words import words_of, words_of_state
from tests.simulators.stands import Json, Stand, open_stand, served, until

PAYMENT = {
    "sessionId": "ses_1",
    "tran_id": "A-1",
    "status": "PENDING",
    "state": "PENDING",
    "amount": 10,
    "currency": "BDT",
}


@dataclass(slots=True)
class PaymentServer:
    """A server that answers what it is told to, and keeps what came."""

    status: int = 200
    answer: Json = field(default_factory=lambda: dict(PAYMENT))
    seen: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    hangs: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append((scope["method"], scope["path"], headers["x-api-key"]))
        if self.hangs:
            await asyncio.Event().wait()
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        told = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": told})
        await send({"type": "http.response.body", "body": body})


KEYS: Json = {"merchant_api_key": "key_1", "merchant_api_secret": "hidden-secret"}


async def test_buying_leads_to_the_gateways_page() -> None:
    server = PaymentServer(answer={**PAYMENT, "GatewayPageURL": "http://gateway.test/page"})
    async with served(server) as url, open_stand(server_url=url, **KEYS) as stand:
        product = await stand.client.get(stand.urls["merchant"])
        bought = await stand.client.post(f"{stand.urls['merchant']}/buy")
        assert (product.status_code, "1250.00 BDT" in product.text) == (200, True)
        assert (bought.status_code, bought.headers["location"]) == (303, "http://gateway.test/page")
        assert server.seen == [("POST", "/payment/init", "key_1")]
        told = await stand.journal()
        assert [(one["operation"], one["direction"], one["from"], one["to"]) for one in told] == [
            ("showShop", "in", "shopper", "merchant"),
            ("buy", "in", "shopper", "merchant"),
            ("initPayment", "out", "merchant", "server"),
        ]
        assert "hidden-secret" not in str(told)


@pytest.mark.parametrize(
    ("status", "answer"), [(502, {"title": "no gateway"}), (200, {}), (200, b"<html>"), (200, b"x" * 300_000)]
)
async def test_a_payment_that_cannot_be_started_is_told_on_the_page(status: int, answer: Json) -> None:
    server = PaymentServer(status, answer)
    async with served(server) as url, open_stand(server_url=url) as stand:
        bought = await stand.client.post(f"{stand.urls['merchant']}/buy")
        assert (bought.status_code, 'role="alert"' in bought.text) == (200, True)


async def test_a_server_that_is_away_is_told_on_the_page() -> None:
    async with open_stand(server_url="http://127.0.0.1:9") as stand:
        assert "does not answer" in (await stand.client.post(f"{stand.urls['merchant']}/buy")).text
        order = await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1")
        assert "cannot see the payment just now" in order.text
        calls = [one for one in await stand.journal() if one["direction"] == "out"]
        assert {one["outcome"] for one in calls} == {"unreachable"}


async def test_an_order_is_shown_in_words_and_followed() -> None:
    server = PaymentServer()
    async with served(server) as url, open_stand(server_url=url) as stand:
        page = (await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1%2Fx")).text
        assert "We wait for word of your payment" in page
        assert 'data-url="/orders/ses_1%2Fx/status"' in page
        followed = await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1/status")
        assert (followed.json()["key"], followed.json()["final"]) == ("PENDING", False)
        server.answer = {**PAYMENT, "status": "SUCCESS", "fulfilment": "DONE"}
        assert (await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1/status")).json()["final"]
        assert "Paid and delivered" in (await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1")).text


async def test_a_sum_in_an_unknown_currency_is_shown_as_it_came() -> None:
    server = PaymentServer(answer={**PAYMENT, "amount": 10, "currency": "XXX"})
    async with served(server) as url, open_stand(server_url=url) as stand:
        assert "<dd>10 XXX</dd>" in (await stand.client.get(f"{stand.urls['merchant']}/orders/ses_1")).text


async def test_an_unknown_order_is_said_to_be_none() -> None:
    async with served(PaymentServer(404, {})) as url, open_stand(server_url=url) as stand:
        assert "There is no such order" in (await stand.client.get(f"{stand.urls['merchant']}/orders/x")).text


async def test_a_server_that_hangs_is_given_up_when_its_time_is_over() -> None:
    server = PaymentServer(hangs=True)
    async with served(server) as address:
        peers = {"http://server.test": address.removeprefix("http://")}
        async with open_stand(server_url="http://server.test", peers=peers) as stand:
            looking = asyncio.create_task(stand.client.get(f"{stand.urls['merchant']}/orders/ses_1"))
            account = stand.side.accounts.get("default")
            await until(lambda: account.clock.next_due() is not None and account.activity.snapshot().running == 0)
            account.clock.set(account.clock.now().replace(second=15))
            account.timekeeper.run_next()
            assert "cannot see the payment" in (await looking).text
            [call] = [one for one in await stand.journal() if one["direction"] == "out"]
            assert call["outcome"] == "timed_out"


@pytest.mark.parametrize("path", ["/orders", "/buy", "/nothing", "/orders/a/b/c"])
async def test_what_the_shop_has_not_is_refused_as_a_problem(path: str) -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(f"{stand.urls['merchant']}{path}")
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"


BROWSERS = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSERS, "text/html; charset=utf-8"),
        ("application/json;q=0.1, TEXT/HTML;level=1;q=0.50", "text/html; charset=utf-8"),
        ("*/*", "application/problem+json"),
        ("application/json, text/html;q=0.9", "application/problem+json"),
        ("text/html;q=0", "application/problem+json"),
        ("text/html;q=one", "application/problem+json"),
        ("text/html;q=1.9999999, ,;=,q", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/buy", 405), (f"/purchases/{'x' * 81}", 422)])
async def test_whoever_would_rather_read_a_page_is_refused_by_one(
    path: str, status: int, accept: str, media_type: str
) -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(f"{stand.urls['merchant']}{path}", headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)


@pytest.mark.parametrize(
    ("payment", "key"),
    [
        (None, "unknown"),
        ({"status": "PENDING", "held": True}, "held"),
        ({"status": "FAILED", "expired": True}, "expired"),
        ({"status": "SYNC_PENDING"}, "SYNC_PENDING"),
        ({"status": "VALIDATED"}, "VALIDATED"),
        ({"status": "CANCELLED"}, "CANCELLED"),
        ({"status": "SOMETHING"}, "unknown"),
    ],
)
def test_every_status_has_its_words(payment: Json, key: str) -> None:
    assert words_of(payment).key == key


async def follow(stand: Stand, path: str) -> Json:
    return (await stand.client.get(f"{stand.urls['merchant']}{path}/status")).json()


async def buy_from_the_shop(stand: Stand, item: str = "licence") -> str:
    """Buy straight from the shop and pay; gives the path of the order's page."""
    form = {"item": item, "way": "shop"}
    bought = await stand.client.post(f"{stand.urls['merchant']}/buy", data=form)
    assert bought.status_code == 303
    order = (await stand.control("GET", "/orders"))["orders"][-1]
    outcome = await stand.control("POST", "/shopper", body={"session": order["session"], "action": "pay"})
    await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
    back = await stand.client.post(outcome["return"]["url"], data=outcome["return"]["fields"])
    return str(back.headers["location"].removeprefix(stand.urls["merchant"]))


async def test_the_shop_itself_sells_and_shows_what_it_delivered() -> None:
    async with open_stand() as stand:
        path = await buy_from_the_shop(stand)
        told = await follow(stand, path)
        assert (told["title"], told["final"], dict(told["facts"])["Delivered"]) == (
            "Paid and delivered",
            True,
            "1 × Workshop licence",
        )
        page = (await stand.client.get(f"{stand.urls['merchant']}{path}")).text
        orders = (await stand.client.get(f"{stand.urls['merchant']}/purchases")).text
        assert "Let the gateway tell the shop again" in page
        assert (path in orders, "Paid and delivered" in orders) == (True, True)


@pytest.mark.parametrize(("flaws", "delivered"), [([], "1"), (["fulfils_each_duplicate", "sells_air"], "2")])
async def test_a_mistake_switched_on_by_the_page_shows_when_the_gateway_tells_again(
    flaws: list[str], delivered: str
) -> None:
    async with open_stand() as stand:
        await stand.client.post(f"{stand.urls['merchant']}/flaws", data={"flaw": flaws})
        path = await buy_from_the_shop(stand)
        again = await stand.client.post(f"{stand.urls['merchant']}{path}/tell")
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert again.status_code == 303
        assert dict((await follow(stand, path))["facts"])["Delivered"] == f"{delivered} × Workshop licence"


async def test_orders_of_both_ways_are_listed_the_newest_first_and_not_without_bound() -> None:
    server = PaymentServer(answer={**PAYMENT, "GatewayPageURL": "http://gateway.test/page"})
    async with served(server) as url, open_stand(server_url=url) as stand:
        merchant = stand.urls["merchant"]
        await stand.client.post(f"{merchant}/buy", data={"way": "shop"})
        for number in range(22):
            await stand.control("POST", "/clock/advance", body={"by_seconds": 1})
            server.answer["sessionId"] = f"ses_{number}/x"
            await stand.client.post(f"{merchant}/buy", data={"item": "gift-card"})
        server.answer["status"], server.seen = "SUCCESS", []
        listed = (await stand.client.get(f"{merchant}/purchases")).text
        links = re.findall(r'href="(/(?:orders|purchases)/[^"]+)"', listed)
        assert links[:20] == [f"/orders/ses_{number}%2Fx" for number in range(21, 1, -1)]
        assert [link.rpartition("/")[0] for link in links[20:]] == ["/purchases"]
        assert listed.count("Paid and delivered") == len(server.seen) == 20
        await stand.client.get(f"{merchant}/purchases")
        assert len(server.seen) == 20, "what was delivered is not asked for again"
        assert dict((await follow(stand, "/orders/ses_5%2Fx"))["facts"])["Item"] == "Gift card"
        await stand.control("POST", "/reset")
        assert "Nobody has bought anything" in (await stand.client.get(f"{merchant}/purchases")).text


async def test_a_server_that_is_away_is_asked_for_one_order_of_the_list() -> None:
    server = PaymentServer(answer={**PAYMENT, "GatewayPageURL": "http://gateway.test/page"})
    async with served(server) as url, open_stand(server_url=url) as stand:
        for number in range(3):
            server.answer["sessionId"] = f"ses_{number}"
            await stand.client.post(f"{stand.urls['merchant']}/buy")
        server.status, server.seen = 503, []
        listed = (await stand.client.get(f"{stand.urls['merchant']}/purchases")).text
        assert (listed.count("cannot see the payment"), len(server.seen)) == (3, 1)


@pytest.mark.parametrize("flaws", [[], ["fulfils_each_duplicate"]])
async def test_the_way_on_which_mistakes_show_is_chosen_while_there_are_any(flaws: list[str]) -> None:
    async with open_stand() as stand:
        await stand.client.post(f"{stand.urls['merchant']}/flaws", data={"flaw": flaws})
        page = (await stand.client.get(stand.urls["merchant"])).text
        chosen = re.findall(r'name="way" value="(\w+)" checked', page)
        assert (chosen, "with 1 mistake switched on" in page) == (["shop"] if flaws else ["server"], bool(flaws))


async def test_an_order_can_be_cancelled_and_paid_after_all() -> None:
    async with open_stand() as stand:
        merchant = stand.urls["merchant"]
        await stand.client.post(f"{merchant}/buy", data={"way": "shop", "item": "manual"})
        order = (await stand.control("GET", "/orders"))["orders"][0]["order"].rpartition("-")[0]
        await stand.client.post(f"{merchant}/purchases/{order}/cancel")
        assert (await follow(stand, f"/purchases/{order}"))["title"] == "You cancelled the payment"
        gone = await stand.client.post(f"{merchant}/purchases/{order}/cancel")
        assert "not possible any more" in gone.text
        again = await stand.client.post(f"{merchant}/purchases/{order}/pay")
        assert again.headers["location"].startswith(stand.urls["sslcommerz"])


async def test_a_gateway_that_is_away_is_told_on_the_page() -> None:
    async with open_stand() as stand:
        await stand.control(
            "POST", "/faults", body={"when": {"gateway": "sslcommerz"}, "faults": [{"reset_before_work": {}}]}
        )
        bought = await stand.client.post(f"{stand.urls['merchant']}/buy", data={"way": "shop"})
        assert (bought.status_code, 'role="alert"' in bought.text) == (200, True)
        order = (await stand.client.get(f"{stand.urls['merchant']}/default/shop/orders")).json()["orders"][0]["order"]
        for act in ("cancel", "pay"):
            answer = await stand.client.post(f"{stand.urls['merchant']}/purchases/{order}/{act}")
            assert (answer.status_code, 'role="alert"' in answer.text) == (200, True)


@pytest.mark.parametrize("path", ["/flaws", "/purchases/x/tell"])
async def test_another_sites_page_changes_nothing(path: str) -> None:
    async with open_stand() as stand:
        url = f"{stand.urls['merchant']}{path}"
        assert (await stand.client.post(url, headers={"sec-fetch-site": "cross-site"})).status_code == 403
        assert (await stand.client.post(url, headers={"sec-fetch-site": "same-origin"})).status_code in {200, 303}


async def test_what_the_shop_does_not_sell_or_know_is_said_so() -> None:
    async with open_stand() as stand:
        merchant = stand.urls["merchant"]
        assert "does not sell that" in (await stand.client.post(f"{merchant}/buy", data={"item": "air"})).text
        assert "There is no such order" in (await stand.client.get(f"{merchant}/purchases/x")).text
        assert "Nobody has bought anything" in (await stand.client.get(f"{merchant}/purchases")).text


@pytest.mark.parametrize("state", OrderState)
def test_every_state_has_its_words(state: OrderState) -> None:
    assert words_of_state(state.value).title


async def test_what_a_shopper_follows_a_payment_with_is_not_written_down() -> None:
    answer = {**PAYMENT, "GatewayPageURL": "http://gateway.test/page", "trackingToken": "trk_very_secret"}
    async with served(PaymentServer(answer=answer)) as url, open_stand(server_url=url) as stand:
        assert (await stand.client.post(f"{stand.urls['merchant']}/buy")).status_code == 303
        told = json.dumps(await stand.journal())
        assert ("trackingToken" in told, "trk_very_secret" in told) == (True, False)


async def test_what_can_be_done_with_an_order_is_told_to_the_page_that_follows_it() -> None:
    async with open_stand() as stand:
        merchant = stand.urls["merchant"]
        await stand.client.post(f"{merchant}/buy", data={"way": "shop"})
        order = (await stand.control("GET", "/orders"))["orders"][0]["order"]
        path = f"/purchases/{order.rpartition('-')[0]}"
        assert [act for act, _ in (await follow(stand, path))["acts"]] == ["pay", "cancel"]
        await stand.control("POST", "/shopper", body={"action": "pay", "order": order})
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert [act for act, _ in (await follow(stand, path))["acts"]] == ["tell"]
        assert (await follow(stand, "/purchases/none"))["acts"] == []


async def test_a_shop_that_is_started_again_while_somebody_buys_says_so_on_the_page() -> None:
    async with open_stand() as stand:
        rule = {"when": {"operation": "createSession"}, "faults": [{"delay": {"by_seconds": 5}}]}
        await stand.control("POST", "/faults", body=rule)
        account = stand.side.accounts.get("default")
        buying = asyncio.create_task(stand.client.post(f"{stand.urls['merchant']}/buy", data={"way": "shop"}))
        await until(lambda: any(due.name == "delayed answer" for due in account.timekeeper.list_due(9)))
        await stand.control("POST", "/shop/restart")
        await stand.control("POST", "/clock/advance", body={"by_seconds": 10})
        bought = await buying
        assert (bought.status_code, 'role="alert"' in bought.text) == (200, True)


async def test_an_order_that_the_gateway_has_forgotten_is_not_told_of_again() -> None:
    async with open_stand() as stand:
        path = await buy_from_the_shop(stand)
        stand.side.accounts.get("default").booths["sslcommerz"].memory = Memory()
        again = await stand.client.post(f"{stand.urls['merchant']}{path}/tell")
        assert (again.status_code, "That did not work" in again.text) == (200, True)
