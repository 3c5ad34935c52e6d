"""What opens the doors of the reference server: a merchant's key, and an order of every standing that is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from contracts.suites.accounts import open_account
from contracts.suites.clock import rest
from contracts.suites.knowledge import Knowledge
from contracts.suites.network import Network, PeerError
from contracts.suites.payments import API, NOWHERE, Desk, open_payments

ORDER: Mapping[str, object] = {
    "amount": "1250.00",
    "currency": "BDT",
    "customer": {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"},
    "items": [{"name": "Workshop licence", "quantity": 1}],
}
ON_ITS_WAY = frozenset({"PENDING", "VALIDATED", "SYNC_PENDING"})
# Money that the gateway calls risky is decided on once: a few, so that it can be said both ways, and under both paths.
HELD, HELD_FOR_API = 10, 4
# Deliveries that do not come about: one that is given up is decided on for good.
UNDELIVERED = 4
# Paid orders whose money may go back: in full, once.
REFUNDABLE = 4
# What the order's page asks for by itself.
PAGE_FILES = ("look.css", "processing.js", "socket.js")
REFUND, REVIEW = "POST /payment/refund/{sessionId}", "POST /payment/review/{sessionId}"
REVIEW_BY_ID = f"POST {API}/payments/{{paymentId}}/review"
DELIVERY = "POST /payment/delivery/{sessionId}"
# A rotated credential may end at once; these merchants own nothing.
ROTATIONS = (f"POST {API}/merchants/me/key", f"POST {API}/merchants/me/secret")
SPENT = 8
LOOKS, REST_SECONDS = 100, 0.1


@dataclass(frozen=True, slots=True)
class Acts:
    """What happens to orders at the simulators, under one gateway account."""

    network: Network
    control: str
    account: str

    def pay(self, order: Any, *, risk_level: int = 0) -> None:
        """Let the shopper pay."""
        act = {"action": "pay", "order": order["tran_id"], "method": "visa", "risk_level": risk_level}
        self.network.post(f"{self.control}/shopper?account={self.account}", act)

    def keep_from_delivery(self, order: Any) -> None:
        """Let the provisioning system be down whenever it is asked for this order."""
        when = {"gateway": "merchant", "operation": "provision", "order": order["tran_id"]}
        rule = {"when": when, "faults": [{"status": {"code": 503}}]}
        self.network.post(f"{self.control}/faults?account={self.account}", rule)


def learn(network: Network, addresses: Mapping[str, str]) -> Knowledge:
    """Open a merchant and orders of every standing. Without simulators nobody is paid: a key alone."""
    server, simulators = addresses["server"], addresses.get("simulators")
    if simulators is None:
        return _with_payments(network, addresses, Knowledge(_key_of(open_account(network, server))))
    gateway = open_account(network, simulators)
    headers = _key_of(open_account(network, server, more=_joined(gateway)))
    count = 2 + HELD + UNDELIVERED + REFUNDABLE
    opened = [network.post(f"{server}/payment/init", ORDER, headers=headers) for _ in range(count)]
    waiting, paid, *others = opened
    held, undelivered, refundable = others[:HELD], others[HELD:-REFUNDABLE], others[-REFUNDABLE:]
    acts = Acts(network, f"{simulators}/_control", str(gateway["name"]))
    for one in (paid, *refundable):
        acts.pay(one)
    for one in held:
        acts.pay(one, risk_level=1)
    for one in undelivered:
        acts.keep_from_delivery(one)
        acts.pay(one)
    _await_payment(network, server, session=paid["sessionId"])
    of_operation = {
        REFUND: _sessions_of(refundable, beside=waiting),
        REVIEW: _sessions_of(held[HELD_FOR_API:], beside=paid),
        REVIEW_BY_ID: {"paymentId": _ids_of(Desk(network, server, headers), held[:HELD_FOR_API])},
        DELIVERY: _sessions_of(undelivered, beside=paid),
    }
    ipn = _notification(network, f"{simulators}/_control/journal", account=gateway["name"], order=paid["tran_id"])
    known = Knowledge(headers, names=_names(waiting, paid), of_operation=of_operation, messages=(ipn, ORDER))
    return _with_payments(network, addresses, known)


def _with_payments(network: Network, addresses: Mapping[str, str], known: Knowledge) -> Knowledge:
    """Add what the payments API asks for, another merchant, and some whose credentials may be used up."""
    server, receiver = addresses["server"], addresses.get("receiver")
    opened = open_payments(Desk(network, server, known.headers), None if receiver is None else f"{receiver}/mine")
    spent = tuple(_key_of(open_account(network, server)) for _ in range(SPENT))
    return replace(
        known,
        names={**known.names, **opened.names},
        of_operation={**known.of_operation, **opened.of_operation},
        bodies=opened.bodies,
        other=_key_of(open_account(network, server)),
        headers_of=dict.fromkeys(ROTATIONS, spent),
        inward=f"{receiver or NOWHERE}/others",
        relied_on=opened.hearing,
        webhook_secret=opened.secret,
    )


def _names(waiting: Any, paid: Any) -> dict[str, tuple[str, ...]]:
    tokens = tuple(str(one["trackingToken"]) for one in (waiting, paid) if "trackingToken" in one)
    return {
        "sessionId": (waiting["sessionId"], paid["sessionId"]),
        "tran_id": (waiting["tran_id"], paid["tran_id"]),
        **({"trackingToken": tokens} if tokens else {}),
        "file": PAGE_FILES,
        "amount": ("1250.00", "1.00"),
        "currency": ("BDT",),
    }


def _sessions_of(ones: Sequence[Any], *, beside: Any) -> dict[str, tuple[str, ...]]:
    """Name these orders in turn, and every other time one that the operation must refuse."""
    return {"sessionId": tuple(str(named["sessionId"]) for one in ones for named in (one, beside))}


def _ids_of(desk: Desk, ones: Sequence[Any]) -> tuple[str, ...]:
    """Wait until the payments of these orders are held, and return the ids that the payments API has for them."""
    orders = {one["tran_id"] for one in ones}
    for _ in range(LOOKS):
        held = desk.get("/payments?state=HELD&limit=100")["items"]
        found = tuple(str(one["id"]) for one in held if one["order_id"] in orders)
        if len(found) == len(orders):
            return found
        rest(REST_SECONDS)
    raise PeerError(f"{desk.server}: risky payments were not held in {LOOKS * REST_SECONDS:g} s")


def _notification(network: Network, journal: str, *, account: str, order: str) -> dict[str, object]:
    """Return the gateway's genuine notification of the paid order; arriving again, it is a duplicate."""
    told = network.get(journal, account=account, order=order)["exchanges"]
    body = next((one["request"]["body"] for one in told if one["kind"] == "notification"), "")
    return dict(parse_qsl(body, keep_blank_values=True))


def _key_of(merchant: Any) -> dict[str, str]:
    key = merchant["credentials"]["api"]
    return {"X-Api-Key": key["key"], "X-Api-Secret": key["secret"]}


def _joined(account: Any) -> dict[str, object]:
    """Join the merchant to the gateway account just opened."""
    credentials, urls = account["credentials"]["sslcommerz"], account["base_urls"]
    gateway = {"name": "sslcommerz", "credentials": credentials, "base_url": urls["sslcommerz"]}
    return {"gateway": gateway, "provisioning_url": urls["provisioning"]}


def _await_payment(network: Network, server: str, *, session: str) -> None:
    for _ in range(LOOKS):
        if network.get(f"{server}/payment/status/{session}")["status"] not in ON_ITS_WAY:
            return
        rest(REST_SECONDS)
    raise PeerError(f"{server}: the first payment did not settle in {LOOKS * REST_SECONDS:g} s")
