"""Accounts: each a world of its own, found by the credentials that a call shows."""

from datetime import UTC, datetime

import pytest

from simulators.accounts import Account, Accounts, Opening
from simulators.activity import Activity
from simulators.app import Simulators, create_app
from simulators.clock import ClockMode
from simulators.errors import AccountTaken, NoSuchAccount, SettingsError
from simulators.settings import Settings


def accounts() -> Accounts:
    return create_app(Settings()).accounts


def test_the_default_account_is_the_vendors_public_test_store() -> None:
    # READMEs of the official SDKs (fact sheet section 1, A).
    found = accounts().owner_of("sslcommerz", "store:testbox")
    assert found is not None
    assert (found.name, found.booths["sslcommerz"].credentials["store_passwd"]) == ("default", "qwerty")


def test_accounts_share_nothing_but_requests_of_nobody() -> None:
    side = accounts()
    mine = side.open(Opening("mine", 5, datetime(2031, 1, 1, tzinfo=UTC)))
    yours = side.open(Opening("yours", 5, datetime(2071, 1, 1, tzinfo=UTC)))
    for part in ("clock", "chance", "activity", "journal", "outbox", "faults", "timekeeper", "booths", "effects"):
        assert getattr(mine, part) is not getattr(yours, part)
    assert (mine.clock.now().year, yours.clock.now().year) == (2031, 2071)
    assert mine.chance.token("mine", "p", length=9) != yours.chance.token("yours", "p", length=9)


def test_without_an_instant_an_account_is_on_the_machines_clock() -> None:
    assert accounts().open(Opening("mine")).clock.mode is ClockMode.SYSTEM


def test_a_name_and_a_store_are_given_once() -> None:
    side = accounts()
    side.open(Opening("mine"))
    with pytest.raises(AccountTaken):
        side.open(Opening("mine"))
    stolen = {"sslcommerz": {"store_id": "testbox", "store_passwd": "x"}}
    with pytest.raises(AccountTaken, match="belongs to the account 'default'"):
        side.open(Opening("thief", credentials=stolen))
    assert side.find("thief") is None


@pytest.mark.parametrize("name", ["", "-a", "A", "a" * 25, "a_b", "a\n", "é"])
def test_a_name_that_cannot_go_into_ids_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="name"):
        accounts().open(Opening(name))


async def test_a_closed_account_owns_nothing_any_more() -> None:
    side = accounts()
    mine = side.open(Opening("mine"))
    side.give_key("sslcommerz", "session:ABC", account=mine)
    await side.close("mine")
    assert side.owner_of("sslcommerz", "session:ABC") is None
    assert side.owner_of("sslcommerz", "store:gwmine") is None
    with pytest.raises(NoSuchAccount):
        side.get("mine")


async def test_accounts_opened_while_the_side_runs_run_too() -> None:
    side: Simulators = create_app(Settings())
    await side.start()
    mine: Account = side.accounts.open(Opening("mine"))
    running = [account.loop is not None for account in side.accounts.all()]
    mine.start()
    await side.stop()
    assert (running, [account.loop for account in side.accounts.all()]) == ([True, True], [None, None])


def test_an_activity_without_neighbours_counts_for_itself() -> None:
    assert Activity().snapshot().is_calm
