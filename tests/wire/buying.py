"""A genuine purchase from end to end, over plain HTTP: what must still succeed whatever was sent before."""

from dataclasses import dataclass

import httpx

ORDER = {
    "amount": "1250.00",
    "currency": "BDT",
    "customer": {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"},
    "items": [{"name": "Workshop licence", "quantity": 1}],
}
SETTLED_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Purchase:
    """Names of one payment on both sides."""

    session_id: str
    tran_id: str
    page_url: str


def open_payment(server: str, *, api_key: str, api_secret: str) -> Purchase:
    """Ask for a payment as a merchant's backend does."""
    headers = {"X-Api-Key": api_key, "X-Api-Secret": api_secret}
    answer = httpx.post(f"{server}/payment/init", json=ORDER, headers=headers, trust_env=False)
    answer.raise_for_status()
    told = answer.json()
    return Purchase(told["sessionId"], told["tran_id"], told["GatewayPageURL"])


def pay(purchase: Purchase) -> None:
    """Press the button of the checkout page."""
    form = {"outcome": "success", "method": "visa"}
    httpx.post(f"{purchase.page_url}/outcome", data=form, trust_env=False).raise_for_status()


def await_outcome(server: str, purchase: Purchase) -> str:
    """Return the status word once it is no longer on its way, or after `SETTLED_SECONDS_MAX` whatever it is."""
    with httpx.Client(base_url=server, trust_env=False) as client:
        asked_for = 0.0
        while True:
            answer = client.get(f"/payment/status/{purchase.session_id}")
            word = str(answer.json()["status"])
            asked_for += answer.elapsed.total_seconds()
            if word not in {"PENDING", "VALIDATED", "SYNC_PENDING"} or asked_for > SETTLED_SECONDS_MAX:
                return word
