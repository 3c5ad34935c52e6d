"""A little shop written with the official SDK, sslcommerz-lib, as its README shows: blocking code in a thread.

It opens a session, takes IPNs, checks their sign, confirms them with the gateway, and fulfils an order once.
"""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from sslcommerz_lib import SSLCOMMERZ

GOOD = {"VALID", "VALIDATED"}


def connect(store: Mapping[str, str], base_url: str) -> Any:
    """Return the SDK's client, pointed at a simulator by its three attributes; its files are untouched."""
    sdk: Any = SSLCOMMERZ({"store_id": store["store_id"], "store_pass": store["store_passwd"], "issandbox": True})
    sdk.createSessionUrl = f"{base_url}/gwprocess/v4/api.php"
    sdk.validation_url = f"{base_url}/validator/api/validationserverAPI.php"
    sdk.transaction_url = f"{base_url}/validator/api/merchantTransIDvalidationAPI.php"
    return sdk


@dataclass(slots=True)
class SdkShop:
    """What the shop knows: the orders it opened, the IPNs that came, what it delivered."""

    sdk: Any
    prices: dict[str, str] = field(default_factory=dict[str, str])
    ipns: list[str] = field(default_factory=list[str])
    delivered: list[str] = field(default_factory=list[str])
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open_order(self, order: str, amount: str, **fields: str) -> Any:
        """Open a session for an order."""
        self.prices[order] = amount
        body = {
            "total_amount": amount,
            "currency": "BDT",
            "tran_id": order,
            "success_url": f"{self.url}/success",
            "fail_url": f"{self.url}/fail",
            "cancel_url": f"{self.url}/cancel",
            "ipn_url": f"{self.url}/ipn",
            "emi_option": 0,
            "cus_name": "test",
            "cus_email": "test@test.com",
            "cus_phone": "01700000000",
            "cus_add1": "customer address",
            "cus_city": "Dhaka",
            "cus_country": "Bangladesh",
            "shipping_method": "NO",
            "multi_card_name": "",
            "num_of_item": 1,
            "product_name": "Test",
            "product_category": "Test Category",
            "product_profile": "general",
        }
        return self.sdk.createSession({**body, **fields})

    def take_ipn(self, ipn: dict[str, str]) -> None:
        """Believe an IPN only after its sign, the gateway's word and the amount agree; deliver once."""
        if not self.sdk.hash_validate_ipn(ipn):
            self.ipns.append("forged")
            return
        answer = self.sdk.validationTransactionOrder(ipn["val_id"])
        with self._lock:
            self.ipns.append(answer["status"])
            order = answer["tran_id"]
            paid = answer["status"] in GOOD and answer["amount"] == self.prices.get(order)
            if paid and order not in self.delivered:
                self.delivered.append(order)


class Listening(ThreadingHTTPServer):
    """Holds a burst of fifty connections; http.server's own queue of five lets the kernel drop the rest."""

    request_queue_size = 128


@contextmanager
def open_sdk_shop(store: Mapping[str, str], base_url: str) -> Generator[SdkShop]:
    """Run the shop's web server in threads of its own."""
    shop = SdkShop(connect(store, base_url))

    class Receiving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            body = self.rfile.read(int(self.headers["content-length"]))
            shop.take_ipn(dict(parse_qsl(body.decode(), keep_blank_values=True)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server names it
            """Say nothing."""

    server = Listening(("127.0.0.1", 0), Receiving)
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
