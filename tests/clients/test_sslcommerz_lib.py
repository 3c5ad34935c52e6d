"""The unmodified sslcommerz-lib (PyPI 1.0) against the simulators: every call it can make, and a shop built on it."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.clients.sdk_shop import SdkShop, connect, open_sdk_shop
from tests.clients.simulated import NO_SETTINGS, World, open_world, simulators


@pytest.fixture(scope="module")
def control() -> Generator[str]:
    with simulators() as address:
        yield address


def a_world(control: str, name: str) -> World:
    return open_world(control, name, now="2031-05-01T06:00:00Z", seed=11)


def test_an_ipn_an_hour_late_and_three_times_is_fulfilled_once(control: str) -> None:
    world = a_world(control, "late")
    rule: Any = {
        "when": {"event": "ipn"},
        "faults": [{"late": {"by_seconds": 3600}}, {"duplicate": {"copies": 3, "every_seconds": 600}}],
    }
    world.ask("POST", "/faults", rule)
    with open_sdk_shop(world.store, world.base_url) as shop:
        session = shop.open_order("LATE-1", "1250.00")
        assert session["status"] == "SUCCESS"
        outcome = world.ask("POST", "/shopper", {"action": "pay", "order": "LATE-1"})
        assert outcome["return"]["url"] == f"{shop.url}/success"
        world.ask("POST", "/clock/advance", {"by_seconds": 3599})
        assert (shop.ipns, shop.delivered) == ([], [])
        assert world.ask("POST", "/clock/advance", {"by_seconds": 1201})["quiet"]
        assert (shop.ipns, shop.delivered) == (["VALID", "VALIDATED", "VALIDATED"], ["LATE-1"])
    told = world.journal(operation="ipn")
    assert [(one["at"][11:19], one["outcome"], one["faults"]) for one in told] == [
        ("07:00:00", "answered", ["late 1 h", "duplicate 1 of 3"]),
        ("07:10:00", "answered", ["late 1 h", "duplicate 2 of 3"]),
        ("07:20:00", "answered", ["late 1 h", "duplicate 3 of 3"]),
    ]


def test_fifty_copies_at_once_are_fulfilled_once(control: str) -> None:
    world = a_world(control, "burst")
    world.ask("POST", "/faults", {"faults": [{"duplicate": {"copies": 50, "at_once": True}}]})
    with open_sdk_shop(world.store, world.base_url) as shop:
        shop.open_order("BURST-1", "99.00")
        world.ask("POST", "/shopper", {"action": "pay", "order": "BURST-1"})
        assert world.ask("POST", "/clock/advance", {"by_seconds": 0})["quiet"]
        assert (sorted(shop.ipns), shop.delivered) == (["VALID", *["VALIDATED"] * 49], ["BURST-1"])


@pytest.mark.parametrize("proof", ["wrong_key", "missing", "altered"])
def test_a_forged_ipn_is_refused_by_the_sdks_own_check(control: str, proof: str) -> None:
    world = a_world(control, f"forged-{proof.replace('_', '-')}")
    with open_sdk_shop(world.store, world.base_url) as shop:
        shop.open_order("FORGED-1", "500.00")
        world.ask("POST", "/trigger", {"event": "ipn", "order": "FORGED-1", "proof": proof})
        world.ask("POST", "/clock/advance", {"by_seconds": 1})
        assert (shop.ipns, shop.delivered) == (["forged"], [])


def test_the_sdk_accepts_what_other_outcomes_say(control: str) -> None:
    world = a_world(control, "outcomes")
    sdk = connect(world.store, world.base_url)
    for action in ("decline", "cancel"):
        SdkShop(sdk, url="http://127.0.0.1:9").open_order(f"O-{action}", "500.00")
        outcome = world.ask("POST", "/shopper", {"action": action, "order": f"O-{action}"})
        assert sdk.hash_validate_ipn(dict(outcome["return"]["fields"]))


def test_wrong_credentials_are_refused_in_the_gateways_words(control: str) -> None:
    world = a_world(control, "wrong")
    for store in ({**world.store, "store_passwd": "wrong"}, {**world.store, "store_id": "nobody"}):
        shop = SdkShop(connect(store, world.base_url), url="http://127.0.0.1:9")
        session = shop.open_order("W-1", "500.00")
        expected = ("FAILED", "Store Credential Error Or Store is De-active")
        assert (session["status"], session["failedreason"]) == expected
        assert shop.sdk.validationTransactionOrder("x") == {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}


def test_a_missing_field_and_a_wrong_amount_are_named(control: str) -> None:
    world = a_world(control, "fields")
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    missing = shop.open_order("F-1", "500.00", cus_email="")
    assert missing["failedreason"] == "Invalid Information! 'cus_email' is missing or empty."
    assert "must be between 10.00 and 500000.00" in shop.open_order("F-1", "5.00")["failedreason"]


def test_every_other_call_of_the_sdk_is_answered(control: str) -> None:
    world = a_world(control, "queries")
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    key = shop.open_order("Q-1", "500.00")["sessionkey"]
    world.ask("POST", "/shopper", {"action": "pay", "order": "Q-1", "method": "bkash"})
    assert shop.sdk.transaction_query_session(key)["status"] == "VALID"
    found = shop.sdk.transaction_query_tranid("Q-1")
    assert (found["no_of_trans_found"], found["element"][0]["card_brand"]) == (1, "MOBILEBANKING")
    refund = shop.sdk.init_refund(found["element"][0]["bank_tran_id"], "10.00", "test")
    assert (refund["status"], "does not imitate refunds" in refund["errorReason"]) == ("failed", True)
    assert shop.sdk.query_refund_status("59bd63fea5455")["APIConnect"] == "INVALID_REQUEST"


@pytest.mark.parametrize("fault", ["reset_before_work", "reset_after_work"])
def test_a_lost_answer_is_swallowed_by_the_sdk(control: str, fault: str) -> None:
    # sslcommerz-lib prints and returns None on any exception (fact sheet section 11, 15, A).
    world = a_world(control, fault.replace("_", "-"))
    rule: Any = {"when": {"operation": "createSession", "nth": 1}, "faults": [{fault: NO_SETTINGS}]}
    world.ask("POST", "/faults", rule)
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    assert shop.open_order("L-1", "500.00") is None
    orders = world.ask("GET", "/orders")["orders"]
    assert len(orders) == (1 if fault == "reset_after_work" else 0)
