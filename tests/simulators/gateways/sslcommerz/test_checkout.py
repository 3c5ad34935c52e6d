"""The checkout page as a browser without scripts uses it: look, choose, and be sent back by a form."""

from html.parser import HTMLParser
from typing import NamedTuple

import pytest

from tests.simulators.stands import Receiver, Stand, open_stand, served


class Form(NamedTuple):
    method: str
    action: str
    fields: dict[str, str]
    buttons: list[str]


class FormReader(HTMLParser):
    """Reads the first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form = Form("", "", {}, [])
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = self.form._replace(method=found["method"], action=found["action"])
        elif tag == "input" and (found.get("type") == "hidden" or "checked" in found):
            self.form.fields[found["name"]] = found["value"]
        elif tag == "button":
            self.form.buttons.append(found.get("value", ""))


async def open_page(stand: Stand, **fields: str) -> str:
    return (await stand.open_session(**fields))["GatewayPageURL"]


async def choose(stand: Stand, page: str, outcome: str, **fields: str) -> str:
    form = FormReader((await stand.client.get(page)).text).form
    url = f"{stand.urls['sslcommerz']}{form.action}"
    answer = await stand.client.request(form.method, url, data={**form.fields, "outcome": outcome, **fields})
    return answer.text


@pytest.mark.parametrize(
    ("outcome", "url", "status"),
    [
        ("success", "http://shop.test/success?kept=1", "VALID"),
        ("fail", "http://shop.test/fail", "FAILED"),
        ("cancel", "http://shop.test/cancel", "CANCELLED"),
    ],
)
async def test_a_choice_leads_back_to_the_shop_by_a_form_with_a_button(outcome: str, url: str, status: str) -> None:
    receiver = Receiver()
    async with served(receiver) as shop, open_stand() as stand:
        page = await open_page(stand, ipn_url=f"{shop}/ipn")
        back = FormReader(await choose(stand, page, outcome)).form
        assert (back.method, back.action, back.fields["status"], len(back.buttons)) == ("post", url, status, 1)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 0})
        assert receiver.got == [back.fields]


async def test_the_page_shows_amount_and_order_and_asks_for_nothing_from_elsewhere() -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(await open_page(stand, product_name="<script>alert(1)</script>"))
        assert "1250.00 BDT" in answer.text
        assert "ORDER-1" in answer.text
        assert "<script>alert" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert FormReader(answer.text).form.buttons == ["continue", "success", "fail", "cancel"]


async def test_the_page_answers_a_posted_form_too() -> None:
    # WooCommerce submits a form to the page (fact sheet section 4, A).
    async with open_stand() as stand:
        page = await open_page(stand)
        assert (await stand.client.post(page, data={"x": "1"})).text == (await stand.client.get(page)).text


async def test_a_channel_can_be_chosen_by_the_merchants_redirect_url() -> None:
    async with open_stand() as stand:
        session = await stand.open_session()
        for key, asked in (("bkash", "Your bKash number"), ("ebl_visa", "Card number"), ("ibbl", "Log in and pay")):
            answer = await stand.client.get(f"{session['redirectGatewayURL']}{key}")
            assert asked in answer.text
        answer = await stand.client.get(f"{session['redirectGatewayURL']}nothing")
        assert FormReader(answer.text).form.fields["method"] == "visa"


async def test_the_channel_of_the_shoppers_choice_is_told() -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        back = FormReader(await choose(stand, page, "success", method="bkash")).form.fields
        assert (back["card_type"], back["card_no"], back["card_brand"]) == ("BKASH-BKash", "", "MOBILEBANKING")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("success", "This order is paid"), ("fail", "was declined"), ("cancel", "was cancelled")],
)
async def test_a_session_that_is_over_says_so_and_changes_no_more(outcome: str, said: str) -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        await choose(stand, page, outcome)
        before = await stand.control("GET", "/orders")
        again = await stand.client.post(f"{page}/outcome", data={"outcome": "success"})
        assert said in again.text
        assert await stand.control("GET", "/orders") == before


@pytest.mark.parametrize("choice", [{}, {"outcome": "steal"}, {"outcome": "success\0"}])
async def test_a_choice_that_is_none_pays_nothing(choice: dict[str, str]) -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        answer = await stand.client.post(f"{page}/outcome", data=choice)
        [order] = (await stand.control("GET", "/orders"))["orders"]
        assert (answer.status_code, order["state"]) == (200, "PENDING")


async def test_an_unknown_way_to_pay_is_taken_for_the_first() -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        assert FormReader(await choose(stand, page, "success", method="cash")).form.fields["card_brand"] == "VISA"


@pytest.mark.parametrize("page", ["testcde" + "0" * 32, "testcde", "x", "%00", "testcde" + "0" * 33])
async def test_a_page_of_no_session_says_so(page: str) -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(f"{stand.urls['sslcommerz']}/EasyCheckOut/{page}")
        assert (answer.status_code, "Invalid session" in answer.text) == (200, True)


async def test_links_follow_the_host_that_was_asked_or_the_configured_address() -> None:
    async with open_stand() as stand:
        assert (await stand.open_session())["GatewayPageURL"].startswith(f"{stand.urls['sslcommerz']}/EasyCheckOut/")
    async with open_stand(base_urls={"sslcommerz": "https://pay.example/"}) as stand:
        assert (await stand.open_session())["GatewayPageURL"].startswith("https://pay.example/EasyCheckOut/testcde")


async def test_a_visit_is_in_the_journal_as_the_shoppers() -> None:
    async with open_stand() as stand:
        await choose(stand, await open_page(stand), "success")
        told = [(one["operation"], one["kind"], one["from"], one["subject"]) for one in await stand.journal()]
        assert told[1:] == [
            ("showCheckout", "page", "shopper", "ORDER-1"),
            ("chooseOutcome", "page", "shopper", "ORDER-1"),
        ]
        [change] = (await stand.journal(operation="chooseOutcome"))[0]["changes"]
        assert (change["before"], change["after"], change["cause"]) == ("PENDING", "VALID", "paid")


@pytest.mark.parametrize(("outcome", "url"), [("success", "success?kept=1"), ("fail", "fail"), ("cancel", "cancel")])
async def test_from_a_page_that_is_over_a_button_leads_back_to_the_shop(outcome: str, url: str) -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        first = FormReader(await choose(stand, page, outcome)).form
        again = FormReader((await stand.client.get(page)).text).form
        assert (again.action, len(again.buttons)) == (f"http://shop.test/{url}", 1)
        assert again.fields == first.fields


async def test_who_is_brought_back_after_the_end_reads_no_word_of_the_wire() -> None:
    async with open_stand() as stand:
        page = await open_page(stand)
        await stand.control("POST", "/clock/advance", body={"by_seconds": 1_801})
        text = (await stand.client.post(f"{page}/outcome", data={"outcome": "success"})).text
        assert ("The time for paying is over</h1>" in text, "EXPIRED</h1>" in text) == (True, False)


@pytest.mark.parametrize("path", ["/", "/nothing", "/EasyCheckOut/x", "/gwprocess/v4/api.php"])
async def test_every_page_of_the_gateway_fits_a_phone(path: str) -> None:
    async with open_stand() as stand:
        answer = await stand.client.get(f"{stand.urls['sslcommerz']}{path}")
        assert "width=device-width" in answer.text
