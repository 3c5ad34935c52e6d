"""The API reference in a real browser: readable at every width, its links lead where they say, nothing is refused."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from scenarios.listening import address_of, bind
from tests.reference_server.stage import SETTINGS
from tests.reference_server.tracking.following import live
from tests.wire.loops import LoopInThread

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium; .ci/run installs it"
)


@pytest.fixture(name="page", scope="module")
def _page() -> Iterator[Page]:
    stack, bound = AsyncExitStack(), bind()
    settings = SETTINGS.model_copy(update={"public_url": f"http://{address_of(bound)}"})
    with closing(LoopInThread()) as loop, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        loop.wait_for(stack.enter_async_context(live(settings, bound=bound)))
        yield browser.new_page(base_url=settings.public_url)
        browser.close()
        loop.wait_for(stack.aclose())


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_and_everything_it_names_is_loaded(page: Page, width: int) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    assert page.url.endswith("/docs")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []


def test_from_the_contents_to_an_operation_and_on_to_its_schema(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 800})
    page.goto("/docs")
    page.get_by_role("navigation").get_by_role("link", name="createPayment", exact=True).click()
    operation = page.locator("#createPayment")
    expect(operation.get_by_role("heading", name="POST /api/v1/payments")).to_be_in_viewport()
    operation.get_by_role("link", name="CreateCard").click()
    expect(page.locator("#schema-CreateCard").get_by_role("heading")).to_be_in_viewport()
