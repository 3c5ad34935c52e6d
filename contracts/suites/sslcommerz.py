"""What opens the doors of the simulated SSLCommerz, and how it words a refusal: with 200."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from contracts.suites.accounts import open_account
from contracts.suites.knowledge import Knowledge
from contracts.suites.network import Network, PeerError

# The store that is there from the start; a fresh account's where a control plane can open one.
STORE: Mapping[str, str] = {"store_id": "testbox", "store_passwd": "qwerty"}
SESSION: Mapping[str, str] = {
    "total_amount": "1250.00",
    "currency": "BDT",
    "success_url": "http://127.0.0.1:9/success",
    "fail_url": "http://127.0.0.1:9/fail",
    "cancel_url": "http://127.0.0.1:9/cancel",
    "cus_name": "Rahima Akter",
    "cus_email": "rahima@example.com",
    "cus_add1": "Dhaka",
    "cus_city": "Dhaka",
    "cus_country": "Bangladesh",
    "cus_phone": "01711000000",
    "shipping_method": "NO",
    "product_name": "Workshop licence",
    "product_category": "Licence",
    "product_profile": "general",
}


def learn(network: Network, addresses: Mapping[str, str]) -> Knowledge:
    """Open two sessions and pay one; its val_id and bank_tran_id are asked for as a merchant would."""
    gateway = addresses["sslcommerz"]
    store, account = STORE, ""
    if "simulators" in addresses:
        opened = open_account(network, addresses["simulators"])
        store, account = opened["credentials"]["sslcommerz"], opened["name"]
    sessions = [_open(network, gateway, store, order=f"CONTRACT-{number}") for number in (1, 2)]
    network.post_form(f"{sessions[0]['GatewayPageURL']}/outcome", {"outcome": "success", "method": "visa"})
    query = f"{gateway}/validator/api/merchantTransIDvalidationAPI.php"
    paid: Mapping[str, Any] = network.get(query, tran_id="CONTRACT-1", **store)["element"][0]
    names = {
        "tran_id": ("CONTRACT-1", "CONTRACT-2"),
        "sessionkey": tuple(str(one["sessionkey"]) for one in sessions),
        "SESSIONKEY": tuple(str(one["sessionkey"]) for one in sessions),
        "page": tuple(str(one["GatewayPageURL"]).rsplit("/", 1)[-1] for one in sessions),
        "val_id": (str(paid["val_id"]),),
        "bank_tran_id": (str(paid["bank_tran_id"]),),
        "refund_amount": ("1.00", "1250.00"),
        "refund_remarks": ("asked for",),
    }
    return Knowledge(
        fields=store, names=names, messages=({**store, **SESSION, "tran_id": "CONTRACT-3"},), account=account
    )


def refuses(body: bytes) -> bool:
    """Tell a refusal by its words: `status: FAILED`, or an APIConnect that is not DONE."""
    try:
        told: object = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    if not isinstance(told, dict):
        return False
    words = cast("dict[str, object]", told)
    return words.get("status") == "FAILED" or words.get("APIConnect", "DONE") != "DONE"


def _open(network: Network, gateway: str, store: Mapping[str, str], *, order: str) -> dict[str, Any]:
    answer = network.post_form(f"{gateway}/gwprocess/v4/api.php", {**store, **SESSION, "tran_id": order})
    told: dict[str, Any] = msgspec.json.decode(answer)
    if told.get("status") != "SUCCESS":
        raise PeerError(f"{gateway}: a session of the suite's own was refused: {told.get('failedreason')}")
    return told
