"""What opens the doors of the reference server: a merchant's key, an order that waits and one that is paid."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from contracts.suites.accounts import open_account
from contracts.suites.clock import rest
from contracts.suites.knowledge import Knowledge
from contracts.suites.network import Network, PeerError

ORDER: Mapping[str, object] = {
    "amount": "1250.00",
    "currency": "BDT",
    "customer": {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"},
    "items": [{"name": "Workshop licence", "quantity": 1}],
}
ON_ITS_WAY = frozenset({"PENDING", "VALIDATED", "SYNC_PENDING"})
# Money that the gateway calls risky is decided on once: a few, so that it can be said both ways.
HELD = 6
LOOKS, REST_SECONDS = 100, 0.1


def learn(network: Network, addresses: Mapping[str, str]) -> Knowledge:
    """Open a merchant and orders, paid, held and waiting. Without simulators nobody can be paid: a key alone."""
    server, simulators = addresses["server"], addresses.get("simulators")
    if simulators is None:
        return Knowledge(_key_of(open_account(network, server)))
    gateway = open_account(network, simulators)
    headers = _key_of(open_account(network, server, more=_joined(gateway)))
    waiting, paid, *held = (network.post(f"{server}/payment/init", ORDER, headers=headers) for _ in range(2 + HELD))
    for one in (paid, *held):
        act = {"action": "pay", "order": one["tran_id"], "method": "visa", "risk_level": int(one is not paid)}
        network.post(f"{simulators}/_control/shopper?account={gateway['name']}", act)
    _await_payment(network, server, session=paid["sessionId"])
    # The paid one is every other: it is the one that genuine messages are about.
    sessions = [one for risky in held for one in (risky, paid)]
    names = {
        "sessionId": (waiting["sessionId"], *(one["sessionId"] for one in (paid, *sessions))),
        "tran_id": (waiting["tran_id"], paid["tran_id"]),
        "trackingToken": tuple(str(one["trackingToken"]) for one in (waiting, paid) if "trackingToken" in one),
        "decision": ("accept", "return"),
        "amount": ("1250.00", "1.00"),
        "currency": ("BDT",),
    }
    ipn = _notification(network, f"{simulators}/_control/journal", account=gateway["name"], order=paid["tran_id"])
    return Knowledge(headers, {}, {name: values for name, values in names.items() if values}, (ipn, ORDER))


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
