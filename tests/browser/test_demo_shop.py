"""The demo shop and the checkout page in a real browser: paying, being declined, cancelling, by mouse and by keys."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.wire.sides import Sides, standing

CHROMIUM = Path("/usr/bin/chromium")
# The shop's page looks for itself every two seconds; this bounds hanging, not speed.
SEEN_MILLISECONDS_MAX = 20_000
PHONE = 360
SERVER, ITSELF = "The reference server", "The shop itself"
BACK = {SERVER: "orders", ITSELF: "purchases"}
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

    def open_checkout(self, *, width: int = DESK, scripts: bool = True, way: str = SERVER) -> Page:
        """Stand before the gateway's page with an order."""
        page = self.open_shop(width=width, scripts=scripts)
        page.get_by_label(way).check()
        page.get_by_role("button", name="Buy").click()
        page.wait_for_url(f"{self.sides.urls['sslcommerz']}/EasyCheckOut/*")
        return page


@pytest.fixture(name="street", scope="module")
def _street() -> Iterator[Street]:
    with standing() as sides, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield Street(browser, sides)
        browser.close()


@pytest.mark.parametrize("way", [SERVER, ITSELF])
@pytest.mark.parametrize(
    ("button", "word"),
    [
        ("Success: pay 1250.00 BDT", "● Paid and delivered"),
        ("Fail: the bank declines", "▲ The payment failed"),
        ("Cancel: go back to the shop", "▲ You cancelled the payment"),
    ],
)
def test_the_shop_tells_how_the_purchase_ended(street: Street, *, button: str, word: str, way: str) -> None:
    page = street.open_checkout(width=PHONE, way=way)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{street.sides.urls['merchant']}/{BACK[way]}/*")

    payment = page.locator("#payment")
    expect(payment.locator(".state")).to_have_text(word, timeout=SEEN_MILLISECONDS_MAX)
    expect(payment.locator("dd").first).to_have_text("1250.00 BDT")


@pytest.mark.parametrize("way", [SERVER, ITSELF])
def test_the_page_of_an_order_changes_by_itself_when_news_comes(street: Street, way: str) -> None:
    checkout = street.open_checkout(way=way)
    with late_notifications(street.sides.urls["control"]):
        checkout.get_by_role("button", name="Success").click()
        checkout.wait_for_url(f"**/{BACK[way]}/*")
        state = checkout.locator("#payment .state")
        checkout.evaluate("window.isTheSamePage = true")
        expect(state).to_have_text("○ We wait for word of your payment")
        expect(checkout).to_have_title("We wait for word of your payment – The Licence Shop")
        expect(state).to_have_text("● Paid and delivered", timeout=SEEN_MILLISECONDS_MAX)
        expect(checkout).to_have_title("Paid and delivered – The Licence Shop")

    assert checkout.evaluate("window.isTheSamePage") is True


def test_the_buttons_follow_the_order_and_one_that_came_with_the_news_can_be_pressed(street: Street) -> None:
    page = street.open_checkout(way=ITSELF)
    with late_notifications(street.sides.urls["control"]):
        page.get_by_role("button", name="Success").click()
        page.wait_for_url("**/purchases/*")
        buttons = page.locator("#acts button")
        expect(buttons).to_have_text(["Pay in a new session", "Cancel the order"])
        expect(buttons).to_have_text(["Let the gateway tell the shop again"], timeout=SEEN_MILLISECONDS_MAX)
    expect(page.get_by_role("button", name="Look again")).to_have_count(0)
    with page.expect_response("**/tell") as told:
        buttons.click()

    assert told.value.status == 303
    expect(page.get_by_text("1 × Workshop licence")).to_be_visible()


def test_an_order_of_the_reference_server_stands_under_orders(street: Street) -> None:
    page = street.open_checkout(width=PHONE)
    page.get_by_role("button", name="Success").click()
    page.wait_for_url("**/orders/*")
    order = page.url
    expect(page.get_by_text("Paid and delivered")).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    page.get_by_role("link", name="Orders").click()
    assert width_of(page) == PHONE
    page.get_by_role("link", name="Paid and delivered").first.click()

    expect(page).to_have_url(order)


@pytest.mark.parametrize(
    ("listener", "path", "heading"),
    [
        ("merchant", "/nothing", "There is no such page"),
        ("merchant", "/buy", "Nothing to read here"),
        ("sslcommerz", "/nothing", "Not Found"),
        ("sslcommerz", "/", "SSLCommerz v4, simulated"),
    ],
)
def test_pages_beside_the_way_have_the_look_of_the_house(
    street: Street, listener: str, path: str, heading: str
) -> None:
    page = street.open_shop(width=PHONE)
    page.goto(f"{street.sides.urls[listener]}{path}")

    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert width_of(page) == PHONE
    assert "system-ui" in page.evaluate("getComputedStyle(document.body).fontFamily")


@contextmanager
def late_notifications(panel: str) -> Generator[None]:
    """Have the gateway tell three seconds late."""
    rule = {"when": {"event": "ipn"}, "faults": [{"late": {"by_seconds": 3}}]}
    with httpx.Client(base_url=panel, trust_env=False) as control:
        control.post("/_control/faults", json=rule).raise_for_status()
        yield
        control.delete("/_control/faults").raise_for_status()


def test_a_mistake_can_be_switched_on_and_seen(street: Street) -> None:
    page = street.open_shop(width=PHONE)
    page.get_by_text("Break the shop itself").click()
    page.get_by_label("fulfils each duplicate").check()
    page.get_by_role("button", name="Make it so").click()
    expect(page.get_by_text("with 1 mistake switched on")).to_be_visible()
    expect(page.get_by_label(ITSELF)).to_be_checked()
    page.get_by_role("button", name="Buy").click()
    page.get_by_role("button", name="Success").click()
    expect(page.get_by_text("1 × Workshop licence")).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    page.get_by_role("button", name="Let the gateway tell the shop again").click()
    expect(page.get_by_text("2 × Workshop licence")).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    page.get_by_role("link", name="Orders").click()
    expect(page.get_by_role("link", name="Paid and delivered").first).to_be_visible()
    page.get_by_role("link", name="The Licence Shop").click()
    page.get_by_label("fulfils each duplicate").uncheck()
    page.get_by_role("button", name="Make it so").click()
    expect(page.get_by_text("with 1 mistake")).to_have_count(0)


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
    press_until(page, "Buy")
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


def test_a_checkout_page_that_has_done_its_work_offers_the_way_back_alone(street: Street) -> None:
    page = street.open_checkout()
    checkout = page.url
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/orders/*")
    page.goto(checkout)

    expect(page.get_by_text("The payment was cancelled")).to_be_visible()
    expect(page.get_by_role("button")).to_have_text("Back to the shop")
    page.get_by_role("button").click()
    page.wait_for_url("**/orders/*")
