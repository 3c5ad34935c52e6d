"""The unmodified sslcommerz-python (PyPI 0.0.7), in a process with the requests of 2019 that it pins."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.clients.simulated import NO_SETTINGS, Running, World, open_world
from tests.clients.speaking import Speaker, speaking

URLS = ("http://127.0.0.1:9/success", "http://127.0.0.1:9/fail", "http://127.0.0.1:9/cancel")
BUYER = ("Rahima Akter", "rahima@example.com", "Road 1", "Dhaka", "1000", "Bangladesh", "01711111111")


@contextmanager
def shop(reached: Running, name: str) -> Generator[tuple[World, Speaker]]:
    world = open_world(reached.control, f"py-{name}", now="2031-05-01T06:00:00Z", seed=11)
    with speaking("sslcommerz-python", world.store, base_url=world.base_url) as speaker:
        yield world, speaker


def buy(speaker: Speaker, amount: str = "1250.00") -> Any:
    """Fill in an order as the README shows, and open its session."""
    speaker.call("set_urls", *URLS)
    speaker.call("set_product_integration", amount, "BDT", "Software", "Licence", 1, "NO", "general")
    speaker.call("set_customer_info", *BUYER)
    return speaker.call("init_payment")


def session_of(opened: Any) -> str:
    return opened["sessionkey"]


def test_a_session_is_opened_paid_checked_and_validated(reached: Running) -> None:
    with shop(reached, "pay") as (world, speaker):
        opened = buy(speaker)
        assert sorted(opened) == ["GatewayPageURL", "sessionkey", "status"]
        outcome = world.ask("POST", "/shopper", {"action": "pay", "session": session_of(opened)})
        fields = outcome["return"]["fields"]

        # It always draws a UUID of 36 characters, although the vendor's table says 30 (fact sheet section 11, 10, A).
        assert len(fields["tran_id"]) == 36
        assert speaker.call("validate_ipn_hash", fields) is True
        assert speaker.call("validate_ipn_hash", {**fields, "amount": "1.00"}) is False
        answers = [speaker.call("validate_transaction", fields["val_id"]) for _ in range(2)]

    assert [answer["status"] for answer in answers] == ["VALID", "VALIDATED"]
    assert answers[0]["data"]["amount"] == "1250.00"


def test_refusals_carry_the_members_that_it_reads(reached: Running) -> None:
    with shop(reached, "refused") as (_, speaker):
        assert "between 10.00 and 500000.00" in buy(speaker, "5.00")["failedreason"]
        assert speaker.call("validate_transaction", "nothing")["status"] == "INVALID_TRANSACTION"


def test_what_one_order_set_leaks_into_the_next(reached: Running) -> None:
    # Fact sheet section 11, 17 (A): the fields are kept on the class.
    with shop(reached, "leak") as (world, speaker):
        speaker.call("set_additional_values", "of the first order")
        buy(speaker)
        second = buy(speaker)
        outcome = world.ask("POST", "/shopper", {"action": "pay", "session": session_of(second)})

    assert outcome["return"]["fields"]["value_a"] == "of the first order"


@pytest.mark.parametrize("fault", ["reset_before_work", "html_page"])
def test_a_lost_or_foreign_answer_is_thrown_at_the_shop(reached: Running, fault: str) -> None:
    with shop(reached, fault.replace("_", "-")) as (world, speaker):
        world.ask("POST", "/faults", {"faults": [{fault: NO_SETTINGS}]})
        told = speaker.try_call("validate_transaction", "nothing")

    expected = {"reset_before_work": "ConnectionError", "html_page": "JSONDecodeError"}[fault]
    assert told["error"].startswith(expected)
