"""The page that shoppers return to, as bytes: right words, nobody's name, nothing foreign, nothing inline."""

import re

import pytest

from reference_server.apis.hosted_page.shopper_words import words_for_shopper
from reference_server.apis.hosted_page.words import Wording
from reference_server.models import RefundStatus
from tests.reference_server.stage import SETTINGS, Stage, staged


async def page_of(stage: Stage, session_id: str) -> str:
    answer = await stage.client.get(f"/orders/{session_id}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("end", "title"),
    [
        ("", "We are checking with the gateway"),
        ("VALID", "Paid"),
        ("FAILED", "The payment did not go through"),
        ("CANCELLED", "The payment was cancelled"),
    ],
)
async def test_the_page_says_how_it_stands(end: str, title: str) -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        if end:
            ipn = stage.gateway.pay(tran_id) if end == "VALID" else stage.gateway.end(tran_id, end)
            await stage.ipn(session_id, ipn)
            await stage.quiesce()
        page = await page_of(stage, session_id)

        assert f"<title>{title}</title>" in page
        assert "100.50 BDT" in page
        assert tran_id in page
        assert ('http-equiv="refresh"' in page) == (end == "")


async def test_the_page_names_nobody() -> None:
    async with staged() as stage:
        session_id, _ = await stage.paid()
        page = await page_of(stage, session_id)

        assert not [word for word in ("Rahima", "rahima@", "01711", "JT2BF", "licence") if word in page]


async def test_a_page_brings_no_code_and_no_style_of_its_own_and_nothing_foreign() -> None:
    async with staged() as stage:
        session_id, _ = await stage.opened()
        answer = await stage.client.get(f"/orders/{session_id}")
        policy = answer.headers["content-security-policy"]

        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", answer.text)
        assert set(re.findall(r'(?:src|href)="([^"]+)"', answer.text)) == {
            "data:,",
            "/pages/look.css",
            "/pages/processing.js",
        }


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("look.css", "text/css; charset=utf-8"),
        ("processing.js", "text/javascript; charset=utf-8"),
        ("socket.js", "text/javascript; charset=utf-8"),
    ],
)
async def test_what_a_page_is_made_of_is_there(file: str, media_type: str) -> None:
    async with staged() as stage:
        answer = await stage.client.get(f"/pages/{file}")

        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize("path", ["/pages/layout.html", "/pages/__init__.py", "/pages/..%2fapp.py", "/orders/%00"])
async def test_nothing_else_is_a_page(path: str) -> None:
    async with staged() as stage:
        assert (await stage.client.get(path)).status_code == 404


async def test_an_unknown_order_is_a_page_that_says_so() -> None:
    async with staged() as stage:
        answer = await stage.client.get("/orders/ses_unknown")

        assert answer.status_code == 404
        assert "There is no such order" in answer.text


async def test_returns_lead_to_our_own_page_where_there_is_no_frontend() -> None:
    async with staged(SETTINGS.model_copy(update={"frontend_url": None})) as stage:
        session_id, _ = await stage.opened()
        answer = await stage.client.post(f"/payment/success/{session_id}")

        assert answer.headers["location"] == f"http://server.test/orders/{session_id}"


@pytest.mark.parametrize(
    ("words", "refund", "money", "title"),
    [
        (Wording("PENDING", held=True), None, "none", "Your payment is being looked at"),
        (Wording("FAILED", expired=True), None, "none", "The time for paying is over"),
        (Wording("FAILED", expired=True), "pending", "none", "Your order ends here; your money goes back to you"),
        (Wording("FAILED"), None, "paid", "Your order ends here; your money goes back to you"),
        (Wording("FAILED"), "failed", "paid", "Your order ends here; your money goes back to you"),
        (Wording("CANCELLED"), "processed", "none", "Your order ended; your money went back to you"),
        (Wording("SUCCESS"), "processed", "paid", "Paid"),
        (Wording("SYNC_PENDING"), None, "paid", "Paid; your order takes longer than usual"),
        (Wording("VALIDATED"), None, "paid", "Paid; your order is on its way"),
    ],
)
def test_a_shopper_is_told_what_becomes_of_the_money(
    words: Wording, refund: RefundStatus | None, money: str, title: str
) -> None:
    assert words_for_shopper(words, refund, is_paid=money == "paid").title == title
