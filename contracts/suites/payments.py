"""What opens the doors of the payments API: payments, refunds, endpoints and webhooks of every standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.suites.clock import rest
from contracts.suites.network import Network, PeerError

API = "/api/v1"
AMOUNT = 50_000
UPI: Mapping[str, object] = {"amount": AMOUNT, "currency": "INR", "method": "upi", "vpa": "rahima@okbank"}
# Some of these are declined, by the sandbox's rates; the others stand for many refunds of little.
PAID = 6
# Each is captured, or voided, once.
AUTHORIZED, VOIDABLE = 8, 6
# A merchant has ten at most: one hears, these are changed and removed, and some room is left for new ones.
SPARE_ENDPOINTS = 5
EVENTS = (
    "payment.success",
    "payment.failed",
    "payment.authorized",
    "payment.held",
    "refund.processed",
    "refund.failed",
)
LOOKS, REST_SECONDS = 300, 0.1
NOWHERE = "http://127.0.0.1:9"

CAPTURE, CANCEL = f"POST {API}/payments/{{paymentId}}/capture", f"POST {API}/payments/{{paymentId}}/cancel"
REFUND, REFUND_HERE = f"POST {API}/refunds", f"POST {API}/payments/{{paymentId}}/refunds"
CHANGE, REMOVE = f"PATCH {API}/endpoints/{{endpointId}}", f"DELETE {API}/endpoints/{{endpointId}}"
ROTATE, SEND_TEST = f"POST {API}/endpoints/{{endpointId}}/secret", f"POST {API}/endpoints/{{endpointId}}/test"

Names = Mapping[str, tuple[str, ...]]
Bodies = tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What `Knowledge` says of this part, in its words; `secret` signs what comes to the receiver."""

    names: Names
    of_operation: Mapping[str, Names]
    bodies: Mapping[str, Bodies]
    secret: str = field(default="", repr=False)
    # The id of the endpoint that hears.
    hearing: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A merchant's calls to the payments API."""

    network: Network
    server: str
    headers: Mapping[str, str]

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        return self.network.post(f"{self.server}{API}{path}", body, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.network.get_as(f"{self.server}{API}{path}", self.headers)

    def pay(self, count: int, **more: object) -> list[str]:
        """Create payments and return their ids."""
        return [str(self.post("/payments", {**UPI, **more})["id"]) for _ in range(count)]

    def await_end(self, payments: Sequence[str], state: str) -> tuple[str, ...]:
        """Wait until the sandbox has answered about all of them, and return those that came to the state."""
        for _ in range(LOOKS):
            found = [self.get(f"/payments/{one}") for one in payments]
            if all(one["state"] != "PENDING" for one in found):
                return tuple(str(one["id"]) for one in found if one["state"] == state)
            rest(REST_SECONDS)
        raise PeerError(f"{self.server}: payments were not answered in {LOOKS * REST_SECONDS:g} s")


def open_payments(desk: Desk, receiver: str | None) -> Opened:
    """Open it all; with a receiver one endpoint leads there, for as long as the suite runs."""
    hearing = None if receiver is None else desk.post("/endpoints", {"url": receiver, "events": list(EVENTS)})
    spare = [desk.post("/endpoints", {"url": f"{NOWHERE}/{number}"})["id"] for number in range(SPARE_ENDPOINTS)]
    order = desk.post("/orders", {"amount": AMOUNT, "currency": "INR", "receipt": "R-1"})["id"]
    automatic, manual = desk.pay(PAID), desk.pay(AUTHORIZED + VOIDABLE, capture="manual")
    paid, authorized = desk.await_end(automatic, "CAPTURED"), desk.await_end(manual, "AUTHORIZED")
    if not paid or len(authorized) <= VOIDABLE:
        raise PeerError(f"{desk.server}: the sandbox declines nearly everything; is TEST_PAYMENT_SUCCESS false?")
    refund = desk.post("/refunds", {"payment_id": paid[0], "amount": 100})["id"]
    webhooks = tuple(str(one["id"]) for one in desk.get("/webhooks?limit=100")["items"])
    names = {
        "paymentId": (paid[0], *automatic, *manual[:2]),
        "payment_id": paid,
        "orderId": (order,),
        "order_id": (order, "A-1001"),
        "refundId": (refund,),
        # Not the one that hears: a link leads from whatever is read to the rotation of its secret.
        "endpointId": (spare[0],),
        **({"webhookId": webhooks} if webhooks else {}),
    }
    of_operation = dict(_of_operation(paid, authorized, spare=spare))
    if hearing:
        of_operation[SEND_TEST] = {"endpointId": (str(hearing["id"]), spare[0])}
    secret, hears = (str(hearing["secret"]), str(hearing["id"])) if hearing else ("", "")
    return Opened(names, of_operation, _bodies(paid), secret, hears)


def _of_operation(paid: Sequence[str], authorized: Sequence[str], *, spare: Sequence[str]) -> Mapping[str, Names]:
    """Name what each operation may use up; the endpoint that hears is never changed."""
    return {
        CAPTURE: {"paymentId": (*authorized[VOIDABLE:], paid[0])},
        CANCEL: {"paymentId": (*authorized[:VOIDABLE], paid[0])},
        REFUND_HERE: {"paymentId": tuple(paid)},
        CHANGE: {"endpointId": (spare[0],)},
        ROTATE: {"endpointId": (spare[0],)},
        REMOVE: {"endpointId": tuple(spare[1:])},
    }


def _bodies(paid: Sequence[str]) -> Mapping[str, Bodies]:
    refunds = tuple({"payment_id": one, "amount": 1} for one in paid)
    return {
        f"POST {API}/payments": (UPI, {"amount": 9_900, "method": "wallet", "wallet": "paytm", "capture": "manual"}),
        f"POST {API}/orders": ({"amount": AMOUNT, "currency": "INR"},),
        REFUND: refunds,
        REFUND_HERE: ({"amount": 1},),
        CAPTURE: ({}, {"amount": 100}),
        CANCEL: ({},),
        f"POST {API}/webhooks/resend": ({"from": "2030-01-01T00:00:00Z", "to": "2030-01-01T00:00:01Z"},),
        CHANGE: ({"enabled": True},),
    }
