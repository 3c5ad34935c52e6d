"""Our own checks on every answer, beside those of the document: what no schema can say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contracts.suites.finding import Finding
from contracts.suites.network import Network

# Slower than this on one machine is an answer that waits for something.
ANSWER_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request with its answer. `named` are the statuses that the document names for the operation."""

    operation: str
    method: str
    url: str
    curl: str
    status: int
    elapsed_seconds: float
    body: bytes
    named: frozenset[str]
    # The answer means no, whatever its status.
    refused: bool
    # Whoever asked showed no credentials, and the document wants some.
    at_a_closed_door: bool = False

    def found(self, title: str, *, expected: str, seen: str) -> Finding:
        """Word a finding of this exchange."""
        return Finding(self.operation, title, expected, seen, self.curl)


def no_server_error(heard: Heard) -> Iterator[Finding]:
    """A 5xx is an answer only where the document names it, such as the 502 for a gateway that is down."""
    if heard.status >= 500 and str(heard.status) not in heard.named and "5XX" not in heard.named:
        seen = f"{heard.status} {heard.body[:300].decode(errors='replace')}"
        yield heard.found("a server error that the document does not name", expected="below 500", seen=seen)


def strangers_stay_outside(heard: Heard) -> Iterator[Finding]:
    """An operation that the document secures does nothing for whoever shows no credentials."""
    if heard.at_a_closed_door and not heard.refused:
        yield heard.found("a stranger was let in", expected="a refusal", seen=f"{heard.status}")


def answers_in_time(heard: Heard) -> Iterator[Finding]:
    """Whoever waits this long gives up, and asks again."""
    if heard.elapsed_seconds > ANSWER_SECONDS_MAX:
        limit = f"within {ANSWER_SECONDS_MAX:g} s"
        yield heard.found("a slow answer", expected=limit, seen=f"{heard.elapsed_seconds:.1f} s")


class RefusalChangesNothing:
    """Reads in the side's journal which transitions a refused call caused."""

    def __init__(
        self, network: Network, control: str, *, account: str, refuses: Callable[[bytes], bool] | None = None
    ) -> None:
        self._refuses = refuses
        self._network, self._url = network, f"{control}/_control/journal"
        self._of_account = {"account": account} if account else {}
        self._after = max((int(one["id"]) for one in self._read(0)), default=0)

    def __call__(self, heard: Heard) -> Iterator[Finding]:
        if not heard.refused or heard.method == "GET":
            return
        exchanges = self._read(self._after)
        self._after = max([self._after, *(int(one["id"]) for one in exchanges)])
        # The suite has one call open at a time, so that the newest exchange of its kind is this one.
        newest = [one for one in exchanges if self._is_of(one, heard)][-1:]
        for change in (change for one in newest for change in one["changes"]):
            told = f"{change['resource']} {change['id']}: {change['before'] or 'nothing'} → {change['after']}"
            yield heard.found("a refusal that changed something", expected="no transition", seen=told)

    def _read(self, after: int) -> list[Mapping[str, Any]]:
        return self._network.get(self._url, after=after, limit=10_000, **self._of_account)["exchanges"]

    def _is_of(self, exchange: Mapping[str, Any], heard: Heard) -> bool:
        """Tell exchanges like this call from those of work that goes on beside it, and from calls that were taken."""
        request, answer = exchange["request"], exchange.get("answer")
        path = urlsplit(str(request["url"])).path
        if exchange["direction"] != "in" or answer is None or answer["status"] != heard.status:
            return False
        refused = heard.status >= 400 or (self._refuses is not None and self._refuses(str(answer["body"]).encode()))
        return refused and (request["method"], path) == (heard.method, urlsplit(heard.url).path)


Check = Callable[[Heard], Iterator[Finding]]
