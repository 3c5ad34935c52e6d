"""What no client sends by mistake is refused by every listener, in bounded memory, and harms nobody's payment."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.counts import large
from tests.wire.buying import await_outcome, open_payment, pay
from tests.wire.hostile import FORM, JSON, MULTIPART, Attack, Spot, attacks_on, send
from tests.wire.sides import API_KEY, API_SECRET, Sides, SidesElsewhere, standing, standing_elsewhere

MERCHANT = {"X-Api-Key": API_KEY, "X-Api-Secret": API_SECRET}
ROUNDS = large(20)
# Generous: the interpreter's own ups and downs are a few megabytes, one body kept is twenty.
GROWTH_BYTES_MAX = 40_000_000
PEAK_BYTES_MAX = 80_000_000


def spots_of(session_id: str, page: str) -> tuple[Spot, ...]:
    """Return where bodies are read: on both sides, the control planes included."""
    return (
        Spot("server", "POST", "/payment/init", JSON, MERCHANT),
        Spot("server", "POST", f"/payment/ipn/{session_id}", FORM),
        Spot("server", "POST", f"/payment/ipn/{session_id}", MULTIPART),
        Spot("server", "POST", f"/payment/success/{session_id}", FORM, is_lenient=True),
        Spot("server", "POST", "/_control/accounts", JSON),
        Spot("control", "POST", "/_control/faults", JSON),
        Spot("sslcommerz", "POST", "/gwprocess/v4/api.php", FORM),
        Spot("sslcommerz", "POST", "/gwprocess/v4/api.php", MULTIPART),
        Spot("sslcommerz", "POST", "/gwprocess/v4/api.php", JSON),
        Spot("sslcommerz", "POST", f"/EasyCheckOut/{page}/outcome", FORM, is_lenient=True),
        Spot("merchant", "POST", "/default/provision", JSON, {"Idempotency-Key": "k"}),
    )


def attack_all(sides: Sides | SidesElsewhere) -> Iterator[tuple[Spot, Attack, bytes]]:
    """Try everything everywhere, against a payment that is waiting to be paid."""
    waiting = open_payment(sides.urls["server"], api_key=API_KEY, api_secret=API_SECRET)
    for spot in spots_of(waiting.session_id, waiting.page_url.rsplit("/", 1)[-1]):
        where = urlsplit(sides.urls[spot.listener])
        assert where.hostname
        assert where.port
        for attack in attacks_on(spot):
            yield spot, attack, send(attack, host=where.hostname, port=where.port)


def is_refusal(spot: Spot, answer: bytes) -> bool:
    """Whether the answer is a 4xx; SSLCommerz refuses in its own words, with 200, and a page is shown again."""
    status = int(answer[9:12] or b"0")
    if spot.is_lenient and status in {200, 303}:
        return True
    if status == 200 and spot.listener == "sslcommerz":
        return b'"FAILED"' in answer or b"<form" not in answer
    return 400 <= status < 500


def gateway_states(sides: Sides | SidesElsewhere) -> set[str]:
    orders = httpx.get(f"{sides.urls['control']}/_control/orders", trust_env=False).json()["orders"]
    return {order["state"] for order in orders}


def can_buy(sides: Sides | SidesElsewhere) -> bool:
    server = sides.urls["server"]
    purchase = open_payment(server, api_key=API_KEY, api_secret=API_SECRET)
    pay(purchase)
    return await_outcome(server, purchase) == "SUCCESS"


def test_every_attack_is_refused_and_a_genuine_payment_succeeds_afterwards() -> None:
    with standing() as sides:
        told = [(spot, attack, answer) for spot, attack, answer in attack_all(sides)]
        let_in = [
            (spot.path, attack.name, answer[:200]) for spot, attack, answer in told if not is_refusal(spot, answer)
        ]

        assert let_in == []
        assert gateway_states(sides) == {"PENDING"}
        assert can_buy(sides)
        assert sides.take_failures() == []


def test_a_head_may_hold_what_browsers_and_proxies_put_there_and_not_more() -> None:
    with standing() as sides:
        for url in sides.urls.values():
            told = [
                httpx.get(f"{url}/nothing", headers={"X-Long": "x" * size}, trust_env=False).status_code
                for size in (30_000, 33_000)
            ]

            assert told == [404, 400]


@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc, which tells a process's memory")
def test_memory_stays_what_it_was_however_often_everything_is_tried() -> None:
    with standing_elsewhere() as sides:
        for _ in attack_all(sides):
            pass
        before = settled_bytes(sides)
        for _ in range(ROUNDS):
            for _ in attack_all(sides):
                pass
        grown, peak = settled_bytes(sides) - before, sides.memory_bytes("VmHWM") - before
        print(f"{ROUNDS} rounds: from {before} by {grown} bytes, peak {peak} bytes above")  # noqa: T201  -rP shows it

        assert grown < GROWTH_BYTES_MAX
        assert peak < PEAK_BYTES_MAX
        assert can_buy(sides)


def settled_bytes(sides: SidesElsewhere) -> int:
    """Return the memory of the process, without the journals, whose bound is their own."""
    for listener in ("server", "control"):
        httpx.delete(f"{sides.urls[listener]}/_control/journal", trust_env=False).raise_for_status()
    return sides.memory_bytes("VmRSS")
