"""The demo shop and the checkout page in a real browser: paying, being declined, cancelling, by mouse and by keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.wire.sides import Sides, standing

CHROMIUM = Path("/usr/bin/chromium")
# The shop's page looks for itself every two seconds; this bounds hanging, not speed.
SEEN_MILLISECONDS_MAX = 20_000
PHONE = 360
DESK = 1280

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium; .ci/run installs it"
)


@dataclass(frozen=True, slots=True)
class Street:
    """The shop, the gateway and the server behind them, and the browser that goes there."""

    browser: Browser
    sides: Sides

    def open_shop(self, *, width: int = DESK, scripts: bool = True) -> Page:
        """Stand before the product."""
        context = self.browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=scripts)
        page = context.new_page()
        page.set_default_timeout(SEEN_MILLISECONDS_MAX)
        page.goto(self.sides.urls["merchant"])
        return page

    def open_checkout(self, *, width: int = DESK, scripts: bool = True) -> Page:
        """Stand before the gateway's page with an order."""
        page = self.open_shop(width=width, scripts=scripts)
        page.get_by_role("button", name="Buy for 1250.00 BDT").click()
        page.wait_for_url(f"{self.sides.urls['sslcommerz']}/EasyCheckOut/*")
        return page


@pytest.fixture(name="street", scope="module")
def _street() -> Iterator[Street]:
    with standing() as sides, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield Street(browser, sides)
        browser.close()


@pytest.mark.parametrize(
    ("button", "word", "state"),
    [
        ("Success: pay 1250.00 BDT", "● Paid and delivered", "CAPTURED"),
        ("Fail: the bank declines", "▲ The payment failed", "FAILED"),
        ("Cancel: go back to the shop", "▲ You cancelled the payment", "CANCELLED"),
    ],
)
def test_the_shop_tells_how_the_purchase_ended(street: Street, *, button: str, word: str, state: str) -> None:
    page = street.open_checkout(width=PHONE)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{street.sides.urls['merchant']}/orders/*")

    payment = page.locator("#payment")
    expect(payment.locator(".state")).to_have_text(word, timeout=SEEN_MILLISECONDS_MAX)
    expect(payment.locator("dd").first).to_have_text("1250.00 BDT")
    expect(payment.get_by_text(state, exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_is_wider_than_the_screen_and_none_complains(street: Street, width: int) -> None:
    page = street.open_shop(width=width)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    widths = [width_of(page)]
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/EasyCheckOut/*")
    widths.append(width_of(page))
    page.get_by_role("button", name="Success").click()
    page.wait_for_url("**/orders/*")
    expect(page.get_by_text("Paid and delivered")).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    widths.append(width_of(page))

    assert widths == [width] * 3
    assert told == []


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_purchase_needs_no_mouse(street: Street) -> None:
    page = street.open_shop()
    press_until(page, "Buy for 1250.00 BDT")
    page.keyboard.press("Enter")
    page.wait_for_url("**/EasyCheckOut/*")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Mastercard").is_checked()
    press_until(page, "Success: pay 1250.00 BDT")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*")

    expect(page.get_by_text("Paid and delivered")).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    assert outline != "none"


def press_until(page: Page, name: str) -> None:
    """Press Tab until the button of that name has the focus; give up after as many as a page can have."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == name:
            return
    pytest.fail(f"Tab never comes to {name}")


def test_a_purchase_needs_no_scripts(street: Street) -> None:
    page = street.open_checkout(scripts=False)
    page.get_by_role("button", name="Success").click()
    page.get_by_role("button", name="Back to the shop").click()
    page.wait_for_url("**/orders/*")
    # The gateway had sent its IPN before it gave the page; a person would press this too.
    for _ in range(50):
        if page.get_by_text("Paid and delivered").is_visible():
            break
        page.get_by_role("button", name="Look again").click()

    expect(page.get_by_text("Paid and delivered")).to_be_visible()


def test_a_checkout_page_that_has_done_its_work_offers_nothing_more(street: Street) -> None:
    page = street.open_checkout()
    checkout = page.url
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/orders/*")
    page.goto(checkout)

    expect(page.get_by_text("The payment was cancelled")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
