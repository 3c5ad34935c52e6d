"""Ten thousand requests made from our own documents, valid and broken, to every listener on the machine's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.counts import large
from tests.wire.buying import Purchase, await_outcome, open_payment, pay
from tests.wire.sides import API_KEY, API_SECRET, STORE, Sides, standing
from tests.wire.visiting import Knowledge, Visitor, visit_all

ROOT = Path(__file__).parents[2]
REQUESTS = 10_000
ORDERS_LEARNT_FROM = 2


@dataclass(frozen=True, slots=True)
class Target:
    """A document and the listener that answers it; of the control plane, the part of one side."""

    document: str
    listener: str
    requests: int
    side: str | None = None
    # SSLCommerz' answers are held to their document from inside alone, before they leave: it knows no status but 200.
    conforms: bool = True
    # Whether it has an operation that opens orders; if none was opened, nothing has come past the door.
    opens_orders: bool = False

    def load(self) -> dict[str, Any]:
        """Return the document with the operations of this side alone."""
        document: dict[str, Any] = yaml.load((ROOT / self.document).read_text("utf-8"), yaml.CSafeLoader)
        if self.side is not None:
            document["paths"] = {path: self._of_side(members) for path, members in document["paths"].items()}
        return document

    def _of_side(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return {name: member for name, member in members.items() if self.side in member.get("x-sides", ())}


TARGETS = (
    Target("openapi.yaml", "server", 3_000, opens_orders=True),
    Target("contracts/control.yaml", "server", 1_500, side="server"),
    Target("contracts/gateways/sslcommerz/openapi.yaml", "sslcommerz", 2_500, conforms=False, opens_orders=True),
    Target("contracts/provisioning.yaml", "merchant", 700),
    Target("simulators/merchant/shop.yaml", "merchant", 800, opens_orders=True),
    Target("contracts/control.yaml", "control", 1_500, side="simulators"),
)


def test_targets_make_up_the_whole_count() -> None:
    assert sum(target.requests for target in TARGETS) == REQUESTS


# A listener has sides of its own each time: the control plane resets, reseeds and stops clocks.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.listener}:{Path(target.document).stem}")
def test_every_answer_comes_in_time_is_no_500_and_keeps_to_its_document(target: Target) -> None:
    wanted = large(target.requests)
    with standing() as sides:
        visitor = Visitor(sides.urls[target.listener], learn(sides, target.listener), target.conforms)
        visit_all(target.load(), visitor, requests_wanted=wanted)
        failures = sides.take_failures()
        opened = count_orders(sides) - ORDERS_LEARNT_FROM
    print(f"{visitor.sent} sent, slowest {visitor.slowest_seconds:.3f} s, {visitor.by_status}, {opened} orders")  # noqa: T201  -rP shows it

    assert failures == []
    assert visitor.sent >= wanted
    assert opened > 0 or not target.opens_orders


def learn(sides: Sides, listener: str) -> Knowledge:
    """Open two orders and pay one, so that there is something to name."""
    server = sides.urls["server"]
    paid = open_payment(server, api_key=API_KEY, api_secret=API_SECRET)
    pay(paid)
    assert await_outcome(server, paid) == "SUCCESS"
    waiting = open_payment(server, api_key=API_KEY, api_secret=API_SECRET)
    names = {
        "sessionId": waiting.session_id,
        "session": paid.session_id,
        "page": waiting.page_url.rsplit("/", 1)[-1],
        "order": waiting.tran_id,
        "val_id": val_id_of(sides, paid),
        "account": "default",
        "amount": "1250.00",
        "total_amount": "1250.00",
        "currency": "BDT",
    }
    # Anywhere else the store's credentials are members that no document knows.
    fields = STORE if listener == "sslcommerz" else {}
    return Knowledge({"X-Api-Key": API_KEY, "X-Api-Secret": API_SECRET}, fields, names)


def count_orders(sides: Sides) -> int:
    """Return how many orders the gateway knows; the control plane has forgotten them where that was its target."""
    listed = httpx.get(f"{sides.urls['control']}/_control/orders?limit=10000", trust_env=False)
    return len(listed.json()["orders"])


def val_id_of(sides: Sides, purchase: Purchase) -> str:
    query = {**STORE, "tran_id": purchase.tran_id}
    url = f"{sides.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
    return str(httpx.get(url, params=query, trust_env=False).json()["element"][0]["val_id"])
