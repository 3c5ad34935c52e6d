"""The promises of `contracts/checks` about answers as checks of Schemathesis, for every way in which it is started.

`SCHEMATHESIS_HOOKS=contracts.suites.hooks schemathesis run openapi.yaml …` loads it, and so does importing it in a
test; `gatewright contract` has it in any case. Nothing here knows what is under test.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.core.failures import Failure

from contracts.checks.asking import Asked, Told
from contracts.checks.one_key_is_one_request import one_key_is_one_request as find_second_request
from contracts.checks.others_see_nothing import others_see_nothing as find_seen
from contracts.checks.replay_is_identical import replay_is_identical as find_unlike
from contracts.checks.sums_hold import sums_hold as find_unequal
from contracts.checks.truth import Broken
from contracts.suites.network import send
from contracts.suites.settings import other_merchant

# Of Schemathesis: a case, its answer, and the context of a check, whose types it keeps to itself.
Case = Any
Response = Any
Context = Any

# Credentials of another merchant of a side, by the side's address; told by whoever has them.
OTHERS: dict[str, Mapping[str, str]] = {}


class BrokenPromise(Failure):
    """What a promise of `contracts/checks` found, in Schemathesis' own form."""

    @property
    def _unique_key(self) -> str:
        return self.title


@schemathesis.check
def replay_is_identical(ctx: Context, response: Response, case: Case) -> None:
    """The first answer comes again for its key."""
    del ctx
    _require(find_unlike(_asked(response), _told(response), send), case)


@schemathesis.check
def one_key_is_one_request(ctx: Context, response: Response, case: Case) -> None:
    """Another request under the same key is refused."""
    del ctx
    _require(find_second_request(_asked(response), _told(response), send), case)


@schemathesis.check
def others_see_nothing(ctx: Context, response: Response, case: Case) -> None:
    """Another merchant learns nothing; asked where the document names a merchant's door."""
    del ctx
    asked = _asked(response)
    other = OTHERS.get(_origin_of(asked.url)) or other_merchant()
    if case.operation.definition.raw.get("x-authentication") != "merchant" or not other or _is_made(case):
        return
    named: dict[str, object] = case.path_parameters or {}
    ids = [str(value) for value in named.values()]
    _require(find_seen(asked, _told(response), send, other=other, ids=ids), case)


@schemathesis.check
def sums_hold(ctx: Context, response: Response, case: Case) -> None:
    """Sums of every payment that is told."""
    del ctx
    _require(find_unequal(_told(response)), case)


def _require(found: Iterable[Broken], case: Case) -> None:
    for one in found:
        message = f"expected {one.expected}\nseen {one.seen}"
        raise BrokenPromise(operation=case.operation.label, title=one.promise, message=message)


def _is_made(case: Case) -> bool:
    """Whether the call makes a thing: another merchant may well make one like it."""
    return case.operation.method.upper() != "GET" and not case.path_parameters


def _asked(response: Response) -> Asked:
    sent = response.request
    body: object = sent.body or b""
    raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
    headers = {str(name).lower(): _text(value) for name, value in sent.headers.items()}
    return Asked(str(sent.method), str(sent.url), headers, raw)


def _told(response: Response) -> Told:
    return Told(int(response.status_code), bytes(response.content or b""))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
