"""A plain Flask shop, written the way the vendor's guide and the SDK's README tell people; judged over HTTP by a test.

`SHOP_MENDED=1` makes it the same shop after its author has read the verdicts. Settings come from the environment,
through Flask (`SHOP_…`). It imports nothing of ours.
"""

import sqlite3
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Protocol, cast

import requests
from flask import Flask, Response, jsonify, redirect, request
from sslcommerz_lib import SSLCOMMERZ

PRICE = "1250.00"
CURRENCY = "BDT"
SCHEMA = "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, state TEXT, val_id TEXT, delivered INTEGER)"
# What the gateway and the delivery system get; the SDK itself waits for ever.
LIMIT_SECONDS = 2


class Sdk(Protocol):
    """The SDK, which has no types of its own: its addresses are plain attributes, its names the vendor's."""

    createSessionUrl: str  # noqa: N815  the SDK's own name
    validation_url: str
    transaction_url: str

    def createSession(self, post_body: dict[str, object]) -> dict[str, str]: ...  # noqa: N802  the SDK's own name
    def hash_validate_ipn(self, post_body: dict[str, str]) -> bool: ...
    def validationTransactionOrder(self, validation_id: str) -> dict[str, str] | None: ...  # noqa: N802  the SDK's own name
    def transaction_query_tranid(self, tran_id: str) -> dict[str, Any] | None: ...


class Shop:
    """As the guide has it: returns and IPN both validate, and compare the answer with what was posted."""

    sdk: type[object] = cast("type[object]", SSLCOMMERZ)

    def __init__(self, config: dict[str, str]) -> None:
        self.config = config
        self.gateway = self.open_gateway()
        with self.rows() as rows:
            rows.execute(SCHEMA)

    def open_gateway(self) -> Sdk:
        """Point the SDK at the gateway."""
        keys = {"store_id": self.config["STORE_ID"], "store_pass": self.config["STORE_PASSWD"], "issandbox": True}
        gateway = cast("Sdk", cast("Any", self.sdk)(keys))
        base = self.config["GATEWAY_URL"]
        gateway.createSessionUrl = f"{base}/gwprocess/v4/api.php"
        gateway.validation_url = f"{base}/validator/api/validationserverAPI.php"
        gateway.transaction_url = f"{base}/validator/api/merchantTransIDvalidationAPI.php"
        return gateway

    def rows(self) -> sqlite3.Connection:
        """Open the shop's database."""
        return sqlite3.connect(Path(self.config["FOLDER"]) / "shop.sqlite", timeout=10)

    def buy(self) -> tuple[int, str]:
        """Write the order down and open a session for it."""
        with self.rows() as rows:
            order = rows.execute("INSERT INTO orders (state, delivered) VALUES ('PENDING', 0)").lastrowid or 0
        base = self.config["BASE_URL"]
        answer = self.gateway.createSession(
            {
                "total_amount": PRICE,
                "currency": CURRENCY,
                "tran_id": f"SHOP-{order}",
                **{f"{kind}_url": f"{base}/{kind}" for kind in ("success", "fail", "cancel", "ipn")},
                "cus_name": "Rahima Akter",
                "cus_email": "rahima@example.com",
                "cus_phone": "01711000000",
                "cus_add1": "12 Green Road",
                "cus_city": "Dhaka",
                "cus_country": "Bangladesh",
                "shipping_method": "NO",
                "num_of_item": 1,
                "product_name": "Licence",
                "product_category": "Software",
                "product_profile": "non-physical-goods",
                "emi_option": 0,
            }
        )
        return order, answer["GatewayPageURL"]

    def validate(self, form: dict[str, str]) -> bool:
        """Ask the gateway about the val_id, and compare its answer with the post, within one unit (vendor's sample)."""
        answer = self.gateway.validationTransactionOrder(form.get("val_id", ""))
        if not answer or answer.get("status") not in {"VALID", "VALIDATED"}:
            return False
        return abs(float(answer["amount"]) - float(form.get("amount", "0"))) < 1

    def come_back(self, kind: str, form: dict[str, str]) -> None:
        """The browser is back: success is validated, fail and cancel end what is pending."""
        order = form.get("tran_id", "").removeprefix("SHOP-")
        if kind == "success":
            if self.state_of(order) == "PENDING" and self.validate(form):
                self.pay(order, form)
        elif self.state_of(order) == "PENDING":
            self.move(order, {"fail": "FAILED", "cancel": "CANCELLED"}[kind])

    def take(self, form: dict[str, str]) -> int:
        """The IPN: check its hash, validate, pay."""
        order = form.get("tran_id", "").removeprefix("SHOP-")
        if not self.gateway.hash_validate_ipn(form):
            return 400
        if form.get("status") == "VALID" and self.state_of(order) == "PENDING" and self.validate(form):
            self.pay(order, form)
        return 200

    def pay(self, order: str, form: dict[str, str]) -> None:
        """Mark it paid and deliver."""
        self.move(order, "PAID")
        self.deliver(order, key=form["val_id"])

    def deliver(self, order: str, *, key: str) -> None:
        """Call the delivery system."""
        told = {"key": key, "order": f"SHOP-{order}", "amount": PRICE, "currency": CURRENCY}
        url = self.config["PROVISIONING_URL"]
        requests.post(url, json=told, headers={"Idempotency-Key": key}, timeout=LIMIT_SECONDS).raise_for_status()
        with self.rows() as rows:
            rows.execute("UPDATE orders SET delivered = 1 WHERE id = ?", (order,))

    def state_of(self, order: str) -> str:
        """Read an order's state."""
        with self.rows() as rows:
            found = rows.execute("SELECT state FROM orders WHERE id = ?", (order,)).fetchone()
        return str(found[0]) if found else "UNKNOWN"

    def move(self, order: str, state: str) -> None:
        """Write an order's state."""
        with self.rows() as rows:
            rows.execute("UPDATE orders SET state = ? WHERE id = ?", (state, order))

    def reconcile(self) -> None:
        """The guide has none."""


class PatientGateway(SSLCOMMERZ):
    """The SDK with a limit on its waiting, and going nowhere but where it was sent."""

    def call_api(self, method: str, url: str, payload: dict[str, str]) -> object:
        """Answer the JSON, or None for whatever went wrong: unknown."""
        form, query = (payload, None) if method == "POST" else (None, payload)
        try:
            answer = requests.request(
                method, url, data=form, params=query, timeout=LIMIT_SECONDS, allow_redirects=False
            )
            return answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError):
            return None


class MendedShop(Shop):
    """What was stored decides, the returns write nothing, deliveries have one key, and the gateway is asked again."""

    sdk = PatientGateway

    def open_gateway(self) -> Sdk:
        if not self.config["STORE_PASSWD"]:
            raise SystemExit("no store password")
        return super().open_gateway()

    def come_back(self, kind: str, form: dict[str, str]) -> None:
        """A hint."""

    def take(self, form: dict[str, str]) -> int:
        signed = form.get("verify_key", "").split(",")
        covered = {"status", "val_id", "tran_id", "amount"} <= set(signed) and set(signed) <= form.keys()
        if not covered or not self.gateway.hash_validate_ipn(form):
            return 400
        if form["status"] != "VALID":
            return 200
        answer = self.gateway.validationTransactionOrder(form["val_id"])
        if answer is None:
            return 503
        self.settle(form["tran_id"], answer)
        return 200

    def settle(self, reference: str, told: dict[str, str]) -> None:
        """Compare with what the shop sells, once; whoever comes second finds it settled."""
        if told.get("status") not in {"VALID", "VALIDATED"} or told.get("tran_id") != reference:
            return
        state = "PAID" if is_price(told) else "REVIEW"
        if told.get("risk_level") != "0":
            state = "HELD"
        order = reference.removeprefix("SHOP-")
        with self.rows() as rows:
            waiting = "state IN ('PENDING', 'FAILED', 'CANCELLED', 'HELD')"
            moved = rows.execute(f"UPDATE orders SET state = ? WHERE id = ? AND {waiting}", (state, order)).rowcount  # noqa: S608  a constant of ours
        if moved and state == "PAID":
            self.try_to_deliver(order)

    def try_to_deliver(self, order: str) -> None:
        """One key for ever; what fails is tried again by `reconcile`."""
        try:
            self.deliver(order, key=f"order-{order}")
        except requests.RequestException:
            return

    def reconcile(self) -> None:
        """Ask about what is pending, deliver what is owed: a cron job would call this."""
        with self.rows() as rows:
            found = rows.execute("SELECT id, state, delivered FROM orders").fetchall()
        for order, state, delivered in found:
            if state in {"PENDING", "HELD"}:
                answer = self.gateway.transaction_query_tranid(f"SHOP-{order}") or {}
                for element in answer.get("element", []):
                    self.settle(f"SHOP-{order}", element)
            if self.state_of(order) == "PAID" and not delivered:
                self.try_to_deliver(order)


def is_price(told: dict[str, str]) -> bool:
    """Whether exactly the price was paid, in its currency."""
    try:
        paid = Decimal(told["currency_amount"])
    except (KeyError, InvalidOperation):
        return False
    return (paid, told.get("currency_type")) == (Decimal(PRICE), CURRENCY)


def create_app() -> Flask:
    """Build the app from `SHOP_…`."""
    app = Flask(__name__)
    app.config.from_prefixed_env("SHOP", loads=str)
    config = {str(name): str(value) for name, value in cast("dict[str, object]", app.config).items()}
    shop = (MendedShop if config["MENDED"] == "1" else Shop)(config)

    @app.post("/buy")
    def buy() -> Response:
        order, url = shop.buy()
        return jsonify(order=order, checkout_url=url)

    @app.get("/orders/<order>")
    def look(order: str) -> Response:
        return jsonify(state=shop.state_of(order))

    @app.get("/<any(success, fail, cancel):kind>")
    @app.post("/<any(success, fail, cancel):kind>")
    def come_back(kind: str) -> Response:
        shop.come_back(kind, dict(request.values.items()))
        return cast("Response", redirect("/"))

    @app.post("/ipn")
    def take() -> tuple[str, int]:
        return "", shop.take(dict(request.form.items()))

    @app.post("/reconcile")
    def reconcile() -> str:
        shop.reconcile()
        return "done"

    @app.get("/")
    def home() -> str:
        return "A licence costs 1250 BDT."

    # Routes are called by their decorators; named here so that nobody takes them for left over.
    assert all((buy, look, come_back, take, reconcile, home))
    return app


if __name__ == "__main__":
    application = create_app()
    application.run(port=int(cast("dict[str, str]", application.config)["PORT"]), threaded=True)
