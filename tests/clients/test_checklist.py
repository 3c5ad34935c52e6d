"""Every call that the unmodified SDKs can make (fact sheet, section 12), made by each against the simulators."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.clients.checklist import FUNCTIONS, Client
from tests.clients.simulated import NO_SETTINGS, Running, World, open_world
from tests.clients.speaking import NPM, speaking

SDKS = sorted(FUNCTIONS)
CHECKING = sorted(sdk for sdk, functions in FUNCTIONS.items() if functions.check_ipn)


@contextmanager
def client_of(reached: Running, sdk: str, name: str) -> Generator[tuple[World, Client]]:
    world = open_world(reached.control, f"{name}-{SDKS.index(sdk)}", now="2031-05-01T06:00:00Z", seed=11)
    with speaking(sdk, world.store, base_url=world.base_url) as speaker:
        yield world, Client(speaker, FUNCTIONS[sdk], world.store)


@pytest.mark.parametrize("sdk", SDKS)
def test_a_session_is_opened_paid_found_and_validated(reached: Running, sdk: str) -> None:
    with client_of(reached, sdk, "pay") as (world, client):
        session = client.create("PAY-1", value_a="a=b&c", value_b="ঢাকা")
        assert (session["status"], len(session["sessionkey"])) == ("SUCCESS", 32)
        assert session["GatewayPageURL"].startswith(f"{world.base_url}/EasyCheckOut/")
        world.ask("POST", "/shopper", {"action": "pay", "order": "PAY-1", "method": "bkash"})

        by_session = client.by_session(session["sessionkey"])
        (by_order,) = client.by_order("PAY-1")["element"]
        answers = [client.validate(by_session["val_id"]) for _ in range(2)]

    assert (by_session["status"], by_order["card_brand"]) == ("VALID", "MOBILEBANKING")
    assert [answer["status"] for answer in answers] == ["VALID", "VALIDATED"]
    assert {answer["amount"] for answer in answers} == {"1250.00"}
    assert (answers[0]["tran_id"], answers[0]["value_a"], answers[0]["value_b"]) == ("PAY-1", "a=b&c", "ঢাকা")


@pytest.mark.parametrize("sdk", SDKS)
def test_what_is_unknown_is_answered_in_the_gateways_words(reached: Running, sdk: str) -> None:
    with client_of(reached, sdk, "unknown") as (_, client):
        assert client.validate("nothing")["status"] == "INVALID_TRANSACTION"
        assert client.by_order("NOTHING") == {"APIConnect": "DONE", "no_of_trans_found": 0, "element": []}


@pytest.mark.parametrize("sdk", SDKS)
def test_a_refund_is_asked_for_and_followed_to_its_end(reached: Running, sdk: str) -> None:
    with client_of(reached, sdk, "refund") as (world, client):
        client.create("REFUND-1")
        world.ask("POST", "/shopper", {"action": "pay", "order": "REFUND-1"})
        (paid,) = client.by_order("REFUND-1")["element"]
        accepted = client.refund(paid["bank_tran_id"], "250.00")
        assert (accepted["APIConnect"], accepted["status"]) == ("DONE", "success"), accepted
        assert accepted["bank_tran_id"] == paid["bank_tran_id"]
        before = client.refund_query(accepted["refund_ref_id"])
        world.ask("POST", "/clock/advance", {"by_seconds": 30 * 86_400})
        after = client.refund_query(accepted["refund_ref_id"])
        too_much = client.refund(paid["bank_tran_id"], "1000.01")

    assert (before["status"], after["status"], after["tran_id"]) == ("processing", "refunded", "REFUND-1")
    assert (too_much["status"], bool(too_much["errorReason"])) == ("failed", True)


@pytest.mark.parametrize("sdk", CHECKING)
@pytest.mark.parametrize("action", ["pay", "decline", "cancel"])
def test_the_sdks_own_check_accepts_what_is_signed_and_refuses_what_was_altered(
    reached: Running, sdk: str, action: str
) -> None:
    with client_of(reached, sdk, f"signed-{action}") as (world, client):
        client.create("SIGNED-1", value_a="a=b&c", value_b=" ঢাকা ")
        outcome = world.ask("POST", "/shopper", {"action": action, "order": "SIGNED-1"})
        fields = outcome["return"]["fields"]

        assert client.accepts(fields) is True
        assert client.accepts({**fields, "amount": "1.00"}) is False


@pytest.mark.parametrize("sdk", sorted(NPM))
def test_a_lost_answer_is_told_as_each_npm_sdk_tells_it(reached: Running, sdk: str) -> None:
    # Fact sheet section 11, 15 (A): lts and sslcommerz resolve with an Error; nodejs reads error.response.body and
    # crashes on it.
    with client_of(reached, sdk, "lost") as (world, client):
        world.ask("POST", "/faults", {"faults": [{"reset_before_work": NO_SETTINGS}]})
        validate = client.functions.validate
        told = client.speaker.try_call(validate, {"val_id": "x"} if client.functions.takes == "object" else "x")

    expected = ("error", "TypeError") if sdk == "sslcommerz-nodejs" else ("resolved_with", "FetchError")
    assert list(told) == [expected[0]]
    assert expected[1] in told[expected[0]]


def test_a_refund_by_lts_names_itself_undefined_and_is_taken_all_the_same(reached: Running) -> None:
    # Fact sheet section 9 (A): the npm packages send the literal refe_id=undefined when it is left out.
    with client_of(reached, "sslcommerz-lts", "undefined") as (world, client):
        client.create("U-1")
        world.ask("POST", "/shopper", {"action": "pay", "order": "U-1"})
        (paid,) = client.by_order("U-1")["element"]
        told = client.refund(paid["bank_tran_id"], "10.00")
        sent = [url for url in urls_of(world) if "refund_amount" in url]

    assert told["APIConnect"] == "DONE"
    assert all("refe_id=undefined" in url for url in sent)
    assert len(sent) == 1


def urls_of(world: World) -> list[str]:
    return [one["request"]["url"] for one in world.journal()]
