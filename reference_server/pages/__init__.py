"""The pages for shoppers and readers: templates, stylesheets, small ES modules. Nothing foreign, no inline script."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from contracts.binding import Answer

_HERE = Path(__file__).resolve().parent
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FILES = {path.name: path.read_bytes() for path in _HERE.iterdir() if path.suffix in _MEDIA_TYPES}
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_BETWEEN_BACKTICKS = re.compile("`([^`]+)`")
_NO_SNIFFING = ("x-content-type-options", "nosniff")


def _with_code(text: str) -> Markup:
    """Set what stands between backticks as code, as the documents' descriptions mean it."""
    return Markup(_BETWEEN_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped right here


_TEMPLATES.filters["code"] = _with_code


class Pages:
    """Renders pages that may connect to `own_url` and to nothing else."""

    def __init__(self, own_url: str) -> None:
        # Said beside 'self', which browsers before 2022 did not take for the WebSocket of the same origin.
        socket = f"{'wss' if own_url.startswith('https') else 'ws'}://{urlsplit(own_url).netloc}"
        policy = (
            f"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self' {socket}; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._headers = (
            ("content-security-policy", policy),
            # The address names the session: nobody is told where the shopper came from.
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            _NO_SNIFFING,
        )

    def render(self, template: str, values: Mapping[str, object], *, status: int = 200) -> Answer:
        """Render one page as the answer that carries it."""
        return Answer.html(status, _TEMPLATES.get_template(template).render(values), headers=self._headers)

    def read(self, file: str) -> Answer:
        """Return a file that pages name."""
        media_type = _MEDIA_TYPES[Path(file).suffix]
        return Answer(200, _FILES[file], media_type, (("cache-control", "no-cache"), _NO_SNIFFING))
