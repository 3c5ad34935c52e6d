"""The suites' own calls: to control planes, and for a purchase that is paid. The cases go their own way."""

from collections.abc import Mapping
from typing import Any

import requests

PATIENCE_SECONDS = 20.0


class PeerError(Exception):
    """Something that the suite needs did not answer, or refused; the text says what."""


class Network:
    """Speaks JSON and forms; whatever is no success is raised as `PeerError`."""

    def __init__(self) -> None:
        self.session = requests.Session()
        # The suite speaks to the addresses that it was given, whatever proxy the shell names.
        self.session.trust_env = False

    def get(self, url: str, **query: str | int) -> Any:
        """Read JSON."""
        return self._ask("GET", url, params=query).json()

    def post(self, url: str, body: Mapping[str, object], *, headers: Mapping[str, str] | None = None) -> Any:
        """Post JSON and read JSON."""
        return self._ask("POST", url, json=dict(body), headers=headers).json()

    def post_form(self, url: str, fields: Mapping[str, str]) -> bytes:
        """Post a form and return the answer's body."""
        return self._ask("POST", url, data=dict(fields)).content

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _ask(self, method: str, url: str, **more: Any) -> requests.Response:
        try:
            answer = self.session.request(method, url, timeout=PATIENCE_SECONDS, allow_redirects=False, **more)
        except requests.RequestException as lost:
            raise PeerError(f"{method} {url}: no answer ({type(lost).__name__}); is it up?") from lost
        if answer.status_code >= 400:
            raise PeerError(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        return answer
