"""The demo shop's refusals: a page for whoever would rather read one, which browsers say, else a problem document."""

from collections.abc import Mapping
from typing import Final

from contracts.binding import Answer, Refusal
from simulators.arrivals import current_arrival
from simulators.pages import render_page
from simulators.problems import problem, refuse

_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    403: ("Another site's page asked for this", "Use the shop's own page."),
    404: ("There is no such page", "The shop has nothing at this address."),
    405: ("Nothing to read here", "This address takes a form that a page of the shop sends."),
    413: ("That is too much", "The shop does not read forms of that size."),
}
_OTHER: Final = ("The shop cannot read that", "Go back to the shop and begin anew.")


def refuse_readably(refusal: Refusal) -> Answer:
    """Word what the binding kit would not let through."""
    return _in_the_readers_form(refuse(refusal))


def refuse_a_strangers_page() -> Answer:
    """Turn away a request that another site's page made."""
    return _in_the_readers_form(problem(403, "Another site's page asked for this", detail="use the shop's own page"))


def _in_the_readers_form(refused: Answer) -> Answer:
    if not prefers_html(current_arrival().accept):
        return refused
    title, about = _WORDS.get(refused.status, _OTHER)
    values = {"place": "The Licence Shop", "title": title, "about": about, "home": "Back to the shop"}
    return render_page("notice.html", values, status=refused.status)


def prefers_html(accept: str) -> bool:
    """Say whether an Accept header names text/html, and no JSON before it; `*/*` alone is what programs send.

    Weights decide (RFC 9110 section 12.4.2); one that is none counts as 0.
    """
    weights = {"text/html": 0, "application/json": 0, "application/problem+json": 0}
    for one in accept.split(","):
        name, _, parameters = one.partition(";")
        if name.strip().lower() in weights:
            weights[name.strip().lower()] = _thousandths(parameters)
    html = weights.pop("text/html")
    return html > 0 and html >= max(weights.values())


def _thousandths(parameters: str) -> int:
    """Read the weight among a media range's parameters, in thousandths."""
    told = [
        value.strip() for name, _, value in (one.partition("=") for one in parameters.split(";")) if name.strip() == "q"
    ]
    if not told:
        return 1000
    whole, _, part = told[0].partition(".")
    digits = f"{whole}{part[:3]:0<3}"
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) == 4 else 0
