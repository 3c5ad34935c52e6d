"""The EasyCheckout popup in a real browser: a button opens the page in a frame, and paying leads back to the shop."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.wire.sides import STORE, standing

CHROMIUM = Path("/usr/bin/chromium")
ORDER = {
    "total_amount": "1250.00",
    "currency": "BDT",
    "tran_id": "POPUP-1",
    "product_category": "software",
    "product_name": "Licence",
    "product_profile": "general",
    "shipping_method": "NO",
    "cus_name": "Rahima Akter",
    "cus_email": "rahima@example.com",
    "cus_phone": "01711000000",
}
PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<button id="sslczPayBtn" token="t" order="POPUP-1" endpoint="/pay">Pay now</button>
<script>document.getElementById("sslczPayBtn").postdata = {amount: "1250.00"}</script>
<script src="%s/embed.min.js"></script>"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium; .ci/run installs it"
)


@contextmanager
def popup_shop(gateway: str, asked: list[dict[str, list[str]]]) -> Generator[str]:
    """Serve a shop of one page, whose endpoint opens a session as the vendor's examples do."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply((PAGE % gateway).encode(), "text/html")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path != "/pay":
                self.reply(b"<h1>Welcome back</h1>", "text/html")
                return
            asked.append(parse_qs(body))
            urls = dict.fromkeys(("success_url", "fail_url", "cancel_url"), f"{address}/back")
            opened = httpx.post(f"{gateway}/gwprocess/v4/api.php", data={**STORE, **ORDER, **urls}, trust_env=False)
            session: dict[str, Any] = opened.json()
            told = {"status": "success", "data": session["GatewayPageURL"], "logo": session["storeLogo"]}
            self.reply(json.dumps(told).encode(), "application/json")

        def reply(self, body: bytes, media_type: str) -> None:
            self.send_response(200)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride]  # called by place alone

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    address = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield address
    server.shutdown()
    server.server_close()


def test_the_popup_opens_the_page_in_a_frame_and_paying_leads_back() -> None:
    asked: list[dict[str, list[str]]] = []
    with standing() as sides, sync_playwright() as playwright, popup_shop(sides.urls["sslcommerz"], asked) as shop:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page()
        page.goto(shop)
        page.get_by_role("button", name="Pay now").click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("1250.00 BDT", exact=True)).to_be_visible()
        page.get_by_role("button", name="Close the payment").press("Escape")
        expect(page.locator("iframe")).to_have_count(0)
        page.get_by_role("button", name="Pay now").click()
        frame.get_by_role("button", name="Success").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        assert page.url == f"{shop}/back"
        browser.close()

    assert [json.loads(one["cart_json"][0]) for one in asked] == [{"amount": "1250.00"}] * 2
    assert asked[0]["order"] == ["POPUP-1"]
