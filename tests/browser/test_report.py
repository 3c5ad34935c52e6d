"""The HTML report in a real browser: on a phone and on a desk, and what a click or a key does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scenarios.reports.html_report import HtmlReport
from tests.scenarios.reports.run import feed

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium; .ci/run installs it"
)


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(name="report")
def _report(tmp_path: Path) -> str:
    path = tmp_path / "report.html"
    feed(HtmlReport(path))
    return path.as_uri()


def shown(browser: Browser, report: str, *, width: int = 1440) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report)
    return page


@pytest.mark.parametrize(("width", "drawing"), [(360, "narrow"), (768, "narrow"), (1024, "wide"), (1440, "wide")])
def test_the_page_holds_at_every_width_with_one_drawing_of_each_story(
    browser: Browser, report: str, *, width: int, drawing: str
) -> None:
    page = shown(browser, report, width=width)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [one.get_attribute("class") for one in page.locator("#s2 .drawing:visible").all()] == [f"drawing {drawing}"]


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Browser, report: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))

    page.goto(report)
    page.wait_for_load_state("networkidle")

    assert asked == [report]
    assert told == []


def test_a_diagram_opens_at_the_break(browser: Browser, report: str) -> None:
    page = shown(browser, report)

    figure = page.locator("#s2 figure.diagram").bounding_box()
    broken = page.locator("#s2 .broken-here:visible").bounding_box()

    assert figure is not None
    assert broken is not None
    assert figure["y"] <= broken["y"] <= broken["y"] + broken["height"] <= figure["y"] + figure["height"]


@pytest.mark.parametrize("key", [None, "Enter"])
def test_an_arrow_leads_to_its_exchange_by_click_and_by_key(browser: Browser, report: str, key: str | None) -> None:
    page = shown(browser, report)
    exchange = page.locator("#s2-x6")
    assert not exchange.is_visible()

    arrow = page.locator('#s2 .drawing.wide a[href="#s2-x6"]').first
    if key:
        arrow.focus()
        page.keyboard.press(key)
    else:
        arrow.click()

    exchange.wait_for(state="visible")


def test_a_link_to_a_kept_scenario_opens_it(browser: Browser, report: str) -> None:
    page = shown(browser, report)

    page.get_by_role("link", name="The good story", exact=True).click()

    expect(page.locator("#s1")).to_be_visible()


def test_filters_narrow_the_table_and_say_how_many_are_left(browser: Browser, report: str) -> None:
    page = shown(browser, report)

    page.get_by_label("kept", exact=True).uncheck()

    assert page.locator("table.all tbody tr:visible").count() == 2
    assert page.get_by_role("status").inner_text() == "2 of 3 shown"


def test_without_script_the_same_is_there(browser: Browser, report: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{report}#s2-x6")

    assert page.locator("#s2-x6").is_visible()
    assert page.locator("table.all tbody tr:visible").count() == 3
    assert not page.locator("form.filters").is_visible()


def test_a_glance_leads_to_each_scenario(browser: Browser, report: str) -> None:
    page = shown(browser, report)

    page.get_by_role("link", name="The good story: kept").click()

    expect(page.locator("#s1")).to_be_visible()


def test_slash_goes_to_the_filter_and_enter_to_the_first_that_is_left(browser: Browser, report: str) -> None:
    page = shown(browser, report)

    page.keyboard.press("/")
    page.keyboard.type("odd")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.textContent") == "The odd story"


def test_the_journals_of_a_failure_hold_on_a_phone(browser: Browser, report: str) -> None:
    page = shown(browser, report, width=360)

    page.locator("#s2 details.journals summary").first.click()

    inner = page.locator("#s2 details.journals .scroll").first
    assert inner.evaluate("box => box.scrollWidth <= box.clientWidth")
