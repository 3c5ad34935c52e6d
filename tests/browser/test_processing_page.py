"""The processing page in a real browser: live by socket, by asking where there is none, and without scripts."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scenarios.listening import address_of, bind
from tests.reference_server.stage import SETTINGS, Stage
from tests.reference_server.tracking.following import live
from tests.wire.loops import LoopInThread

CHROMIUM = Path("/usr/bin/chromium")
# A page without scripts looks for itself every five seconds; this bounds hanging, not speed.
SEEN_MILLISECONDS_MAX = 30_000
CHECKING, PAID = "We are checking with the gateway", "Paid"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium; .ci/run installs it"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The server, its scripted gateway, and the browser of its shoppers."""

    browser: Browser
    without_scripts: Browser
    loop: LoopInThread
    stage: Stage
    url: str

    def bought(self) -> tuple[str, str]:
        """Return session id and tran_id of a payment that is open at the gateway."""
        return self.loop.wait_for(self.stage.opened())

    def end(self, session_id: str, tran_id: str, status: str) -> None:
        """End the payment at the gateway, and let its IPN do its work."""
        gateway = self.stage.gateway
        ipn = gateway.pay(tran_id) if status == "VALID" else gateway.end(tran_id, status)
        self.loop.wait_for(self.stage.ipn(session_id, ipn))
        self.loop.wait_for(self.stage.quiesce())

    def page(self, *, width: int = 1280, scripts: bool = True) -> Page:
        """Return an empty page."""
        browser = self.browser if scripts else self.without_scripts
        page = browser.new_context(viewport={"width": width, "height": 740}).new_page()
        page.set_default_timeout(SEEN_MILLISECONDS_MAX)
        return page


@pytest.fixture(name="desk", scope="module")
def _desk() -> Iterator[Desk]:
    loop, stack, bound = LoopInThread(), AsyncExitStack(), bind()
    url = f"http://{address_of(bound)}"
    settings = SETTINGS.model_copy(update={"public_url": url, "frontend_url": None})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        # A context without scripts still reads pages as if it had them: <noscript> stays empty there.
        bare = playwright.chromium.launch(executable_path=CHROMIUM, args=["--blink-settings=scriptEnabled=false"])
        there = loop.wait_for(stack.enter_async_context(live(settings, bound=bound)))
        yield Desk(browser, bare, loop, there.stage, url)
        browser.close()
        bare.close()
        loop.wait_for(stack.aclose())
        loop.close()


def see(page: Page, title: str) -> None:
    """Wait until the page says so, in its title and aloud."""
    expect(page).to_have_title(title, timeout=SEEN_MILLISECONDS_MAX)
    expect(page.locator("#payment .state").get_by_text(title)).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)


def is_live_by(page: Page, way: str) -> None:
    """Wait until the page hears in that way."""
    expect(page.locator(f"html[data-live={way}]")).to_be_attached(timeout=SEEN_MILLISECONDS_MAX)


@pytest.mark.parametrize(
    ("status", "title"),
    [("VALID", PAID), ("FAILED", "The payment did not go through"), ("CANCELLED", "The payment was cancelled")],
)
def test_a_shopper_who_returns_first_sees_it_checked_and_hears_live_how_it_ended(
    desk: Desk, status: str, title: str
) -> None:
    session_id, tran_id = desk.bought()
    page = desk.page()
    # The page's own timers stand still, so that nothing but the socket can tell it anything.
    page.clock.install()
    page.clock.pause_at("2040-01-01")
    page.set_content(
        f'<form method="post" action="{desk.url}/payment/success/{session_id}"><button>Back</button></form>'
    )
    page.get_by_role("button", name="Back").click()
    page.wait_for_url(f"{desk.url}/orders/{session_id}")
    is_live_by(page, "socket")
    see(page, CHECKING)
    desk.end(session_id, tran_id, status)

    see(page, title)


def test_where_websockets_are_refused_the_page_asks(desk: Desk) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page()
    page.route_web_socket("**/socket.io/**", lambda socket: socket.close(code=1011))
    page.goto(f"{desk.url}/orders/{session_id}")
    is_live_by(page, "asking")
    see(page, CHECKING)
    desk.end(session_id, tran_id, "VALID")

    see(page, PAID)


def test_without_scripts_the_page_looks_again_by_itself(desk: Desk) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page(scripts=False)
    page.goto(f"{desk.url}/orders/{session_id}")
    see(page, CHECKING)
    # As an element: where scripts run, <noscript> holds text alone.
    expect(page.locator("noscript p")).to_be_visible()
    desk.end(session_id, tran_id, "VALID")

    see(page, PAID)


def test_a_server_that_is_away_is_told_of_and_waited_for(desk: Desk) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page()
    page.route_web_socket("**/socket.io/**", lambda socket: socket.close(code=1011))
    page.route("**/payment/status/**", lambda route: route.abort())
    page.goto(f"{desk.url}/orders/{session_id}")
    line = page.get_by_text("We cannot be reached just now")
    expect(line).to_be_visible(timeout=SEEN_MILLISECONDS_MAX)
    desk.end(session_id, tran_id, "VALID")
    page.unroute("**/payment/status/**")

    see(page, PAID)
    expect(line).to_be_hidden(timeout=SEEN_MILLISECONDS_MAX)


def test_a_socket_that_breaks_is_opened_again_and_joins_again(desk: Desk) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page()
    page.goto(f"{desk.url}/orders/{session_id}")
    is_live_by(page, "socket")
    desk.loop.wait_for(break_sockets(desk.stage))
    is_live_by(page, "asking")
    is_live_by(page, "socket")
    desk.end(session_id, tran_id, "VALID")

    see(page, PAID)


async def break_sockets(stage: Stage) -> None:
    """Close every socket, as a proxy that is restarted does."""
    await stage.server.rooms.sockets.close()


def test_a_wrong_token_behind_the_hash_leaves_the_page_asking(desk: Desk) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page()
    page.goto(f"{desk.url}/orders/{session_id}#trk_00000000000000000000000000000000")
    is_live_by(page, "asking")
    desk.end(session_id, tran_id, "VALID")

    see(page, PAID)


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_says_what_it_does_aloud_and_complains_of_nothing(desk: Desk, width: int) -> None:
    (session_id, tran_id), page = desk.bought(), desk.page(width=width)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{desk.url}/orders/{session_id}")
    is_live_by(page, "socket")
    desk.end(session_id, tran_id, "VALID")
    see(page, PAID)

    assert page.get_by_role("status").count() == 1
    assert page.locator("#payment").get_attribute("aria-live") == "polite"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert told == []
