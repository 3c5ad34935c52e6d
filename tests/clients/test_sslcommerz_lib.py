"""A shop built on the unmodified sslcommerz-lib (PyPI 1.0), against the simulators and their faults."""

from typing import Any

import pytest

from tests.clients.sdk_shop import SdkShop, connect, open_sdk_shop
from tests.clients.simulated import NO_SETTINGS, Running, World, open_world


def a_world(reached: Running, name: str) -> World:
    return open_world(reached.control, f"lib-{name}", now="2031-05-01T06:00:00Z", seed=11)


def test_an_ipn_an_hour_late_and_three_times_is_fulfilled_once(reached: Running) -> None:
    world = a_world(reached, "late")
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


def test_fifty_copies_at_once_are_fulfilled_once(reached: Running) -> None:
    world = a_world(reached, "burst")
    world.ask("POST", "/faults", {"faults": [{"duplicate": {"copies": 50, "at_once": True}}]})
    with open_sdk_shop(world.store, world.base_url) as shop:
        shop.open_order("BURST-1", "99.00")
        world.ask("POST", "/shopper", {"action": "pay", "order": "BURST-1"})
        assert world.ask("POST", "/clock/advance", {"by_seconds": 0})["quiet"]
        assert (sorted(shop.ipns), shop.delivered) == (["VALID", *["VALIDATED"] * 49], ["BURST-1"])


@pytest.mark.parametrize("proof", ["wrong_key", "missing", "altered"])
def test_a_forged_ipn_is_refused_by_the_sdks_own_check(reached: Running, proof: str) -> None:
    world = a_world(reached, f"forged-{proof.replace('_', '-')}")
    with open_sdk_shop(world.store, world.base_url) as shop:
        shop.open_order("FORGED-1", "500.00")
        world.ask("POST", "/trigger", {"event": "ipn", "order": "FORGED-1", "proof": proof})
        world.ask("POST", "/clock/advance", {"by_seconds": 1})
        assert (shop.ipns, shop.delivered) == (["forged"], [])


def test_the_sdk_accepts_what_other_outcomes_say(reached: Running) -> None:
    world = a_world(reached, "outcomes")
    sdk = connect(world.store, world.base_url)
    for action in ("decline", "cancel"):
        SdkShop(sdk, url="http://127.0.0.1:9").open_order(f"O-{action}", "500.00")
        outcome = world.ask("POST", "/shopper", {"action": action, "order": f"O-{action}"})
        assert sdk.hash_validate_ipn(dict(outcome["return"]["fields"]))


def test_wrong_credentials_are_refused_in_the_gateways_words(reached: Running) -> None:
    world = a_world(reached, "wrong")
    for store in ({**world.store, "store_passwd": "wrong"}, {**world.store, "store_id": "nobody"}):
        shop = SdkShop(connect(store, world.base_url), url="http://127.0.0.1:9")
        session = shop.open_order("W-1", "500.00")
        expected = ("FAILED", "Store Credential Error Or Store is De-active")
        assert (session["status"], session["failedreason"]) == expected
        assert shop.sdk.validationTransactionOrder("x") == {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}


def test_a_missing_field_and_a_wrong_amount_are_named(reached: Running) -> None:
    world = a_world(reached, "fields")
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    missing = shop.open_order("F-1", "500.00", cus_email="")
    assert missing["failedreason"] == "Invalid Information! 'cus_email' is missing or empty."
    assert "must be between 10.00 and 500000.00" in shop.open_order("F-1", "5.00")["failedreason"]


def test_a_proof_that_names_a_field_which_is_missing_is_thrown_at_the_shop(reached: Running) -> None:
    # Fact sheet section 11, 16 (A): it indexes each name of verify_key, so a parser that drops blanks breaks it.
    world = a_world(reached, "blanks")
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    shop.open_order("B-1", "500.00")
    fields = world.ask("POST", "/shopper", {"action": "pay", "order": "B-1"})["return"]["fields"]
    assert fields["error"] == ""
    with pytest.raises(KeyError, match="error"):
        shop.sdk.hash_validate_ipn({name: value for name, value in fields.items() if value})


@pytest.mark.parametrize("fault", ["reset_before_work", "reset_after_work"])
def test_a_lost_answer_is_swallowed_by_the_sdk(reached: Running, fault: str) -> None:
    # sslcommerz-lib prints and returns None on any exception (fact sheet section 11, 15, A).
    world = a_world(reached, fault.replace("_", "-"))
    rule: Any = {"when": {"operation": "createSession", "nth": 1}, "faults": [{fault: NO_SETTINGS}]}
    world.ask("POST", "/faults", rule)
    shop = SdkShop(connect(world.store, world.base_url), url="http://127.0.0.1:9")
    assert shop.open_order("L-1", "500.00") is None
    orders = world.ask("GET", "/orders")["orders"]
    assert len(orders) == (1 if fault == "reset_after_work" else 0)
