"""The pages that shoppers see, rendered here for the gateways and for the demo shop: one look, no foreign resources."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contracts.binding import Answer

_HERE = Path(__file__).resolve().parent
# What stands inline in the pages, by its name in the templates.
_INLINE = {
    name: (_HERE / file).read_text("utf-8")
    for name, file in (("look", "look.css"), ("submit", "submit.js"), ("follow", "follow.js"))
}


def _hash_of(name: str) -> str:
    return f"'sha256-{b64encode(sha256(_INLINE[name].encode()).digest()).decode()}'"


# Nothing but our own inline style and scripts runs; forms may post anywhere: they bring shoppers back to merchants.
_POLICY = (
    f"default-src 'none'; style-src {_hash_of('look')}; script-src {_hash_of('submit')} {_hash_of('follow')}; "
    "connect-src 'self'; img-src data:; base-uri 'none'"
)
_HEADERS = (
    ("content-security-policy", _POLICY),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)

# Our own bytes from beside this file, so they may stand in a page as they are.
_TRUSTED = {name: Markup(text) for name, text in _INLINE.items()}  # noqa: S704  # never anything from a request
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def render_page(template: str, values: Mapping[str, object], *, status: int = 200) -> Answer:
    """Render one page as the answer that carries it."""
    return Answer.html(status, _TEMPLATES.get_template(template).render({**_TRUSTED, **values}), headers=_HEADERS)
