"""The fixtures' account, against running simulators; how workers share them is seen in tests/process/test_wheel.py."""

import urllib.parse
import urllib.request
from collections.abc import Generator

import pytest

from simulators.pytest_plugin import GatewrightError, Simulators, SSLCommerzAccount, started_alone

NOON = "2031-01-01T12:00:00+00:00"


@pytest.fixture(scope="module")
def simulators() -> Generator[Simulators]:
    with started_alone() as running:
        yield running


def open_session(account: SSLCommerzAccount, order: str) -> None:
    fields = {
        "store_id": account.store_id,
        "store_passwd": account.store_passwd,
        "total_amount": "1250.00",
        "currency": "BDT",
        "tran_id": order,
        **{f"{way}_url": f"{account.base_url}/nowhere" for way in ("success", "fail", "cancel", "ipn")},
        **{f"cus_{name}": "x" for name in ("name", "add1", "city", "postcode", "country", "phone")},
        "cus_email": "shopper@example.com",
        **dict.fromkeys(("shipping_method",), "NO"),
        **dict.fromkeys(("product_name", "product_category"), "licence"),
        "product_profile": "general",
    }
    sent = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{account.base_url}/gwprocess/v4/api.php", sent, timeout=10) as answer:
        assert b"SUCCESS" in answer.read()


def test_accounts_do_not_see_each_others_clock(simulators: Simulators) -> None:
    left, right = simulators.open_account("left"), simulators.open_account("right")

    left.set_clock(NOON)
    right.set_clock("2041-01-01T00:00:00+00:00")
    left.advance(60)

    clocks = [simulators.ask("GET", "/clock", account=name)["now"] for name in ("left", "right")]
    assert [clock[:16] for clock in clocks] == ["2031-01-01T12:01", "2041-01-01T00:00"]


def test_the_notification_of_a_payment_leaves_as_late_as_its_fault_says(simulators: Simulators) -> None:
    account = simulators.open_account("late", seed=7)
    account.set_clock(NOON)
    account.inject_fault("late", by_seconds=3600, when={"event": "ipn"})
    open_session(account, "order-1")

    account.pay("order-1")

    assert sent(account, 3599) == 0
    assert sent(account, 2) == 1


def sent(account: SSLCommerzAccount, seconds: float) -> int:
    """Advance the clock, and count the notifications that have left by then."""
    account.advance(seconds)
    return sum(exchange["kind"] == "notification" for exchange in account.read_journal(order="order-1"))


@pytest.mark.parametrize("choice", ["decline", "cancel"])
def test_an_order_that_is_not_paid_captures_nothing(simulators: Simulators, choice: str) -> None:
    account = simulators.open_account(choice)
    open_session(account, "order-1")

    getattr(account, choice)("order-1")

    (order,) = account.list_orders()
    assert order["captured_minor"] == 0


def test_a_forgery_is_planned_like_any_notification(simulators: Simulators) -> None:
    account = simulators.open_account("forgery")
    account.set_clock(NOON)
    open_session(account, "order-1")

    planned = account.notify("order-1", proof="wrong_key")

    assert len(planned["sends"]) == 1


def test_cleared_faults_are_gone(simulators: Simulators) -> None:
    account = simulators.open_account("cleared")
    account.inject_fault("drop", when={"event": "ipn"})

    account.clear_faults()

    assert simulators.ask("GET", "/faults", account="cleared")["rules"] == []


def test_a_refusal_carries_the_simulators_words(simulators: Simulators) -> None:
    account = simulators.open_account("refused")

    with pytest.raises(GatewrightError, match="no_such_fault"):
        account.inject_fault("no_such_fault")


def test_a_closed_accounts_name_is_free_again(simulators: Simulators) -> None:
    simulators.open_account("again").close()

    assert simulators.open_account("again").store_id
