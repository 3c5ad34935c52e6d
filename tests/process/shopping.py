"""A shopper with plain HTTP: pages are read, forms are sent, redirects are followed. Imports nothing of ours."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

ANSWER_SECONDS_MAX = 10


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what it carries, and its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    buttons: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(told["action"]))
        elif tag == "input" and (told.get("type") not in {"radio", "checkbox"} or "checked" in told):
            self.forms[-1].fields[told["name"]] = told["value"]
        elif tag == "button" and "name" in told:
            self.forms[-1].buttons.append((told["name"], told["value"]))


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser would show, and where it is."""

    url: str
    text: str

    @property
    def form(self) -> Form:
        """The page's first form."""
        reader = _Reader()
        reader.feed(self.text)
        return reader.forms[0]


def look_at(url: str) -> Page:
    """Open a page and follow where it leads."""
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX) as answer:
        return Page(answer.url, answer.read().decode())


def press(page: Page, button: tuple[str, str] | None = None) -> Page:
    """Send the page's form with one of its buttons, and follow where that leads."""
    fields = urllib.parse.urlencode([*page.form.fields.items(), *([button] if button else [])])
    url = urllib.parse.urljoin(page.url, page.form.action)
    with urllib.request.urlopen(url, data=fields.encode(), timeout=ANSWER_SECONDS_MAX) as answer:
        return Page(answer.url, answer.read().decode())


def ask(url: str) -> Any:
    """Return what an address answers as JSON."""
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX) as answer:
        return json.load(answer)
