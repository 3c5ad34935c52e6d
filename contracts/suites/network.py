"""The suites' own calls: to control planes, for a purchase that is paid, and to ask once more what a case has asked."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import requests

from contracts.checks.asking import Asked, Told

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

    def get_as(self, url: str, headers: Mapping[str, str]) -> Any:
        """Read JSON with somebody's credentials."""
        return self._ask("GET", url, headers=headers).json()

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


def send(asked: Asked) -> Told:
    """Send one request as it stands, and return its answer whatever it is. Raises `PeerError` where none comes."""
    prepared = requests.Request(asked.method, asked.url, headers=dict(asked.headers), data=asked.body or None).prepare()
    try:
        # No proxy of the shell's: what is merged from the environment is left out by not merging.
        answer = _own_session().send(prepared, timeout=PATIENCE_SECONDS, allow_redirects=False)
    except requests.RequestException as lost:
        raise PeerError(f"{asked.method} {asked.url}: no answer ({type(lost).__name__})") from lost
    return Told(answer.status_code, answer.content)


@cache
def _own_session() -> requests.Session:
    """Keep the connections of all askers: opening one takes as long as an answer does."""
    return requests.Session()
