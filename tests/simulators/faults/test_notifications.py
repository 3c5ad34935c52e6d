"""Faults on notifications as they reach a merchant and as the journal tells them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counts import large
from tests.simulators.stands import Json, Receiver, Stand, open_stand, served


@asynccontextmanager
async def told(*faults: Json, **when: Json) -> AsyncGenerator[tuple[Stand, Receiver, str]]:
    receiver = Receiver()
    async with open_stand() as stand, served(receiver) as url:
        if faults:
            await stand.control("POST", "/faults", body={"when": when, "faults": list(faults)})
        yield stand, receiver, f"{url}/ipn"


async def pay(stand: Stand, url: str, *orders: str) -> None:
    for order in orders:
        await stand.open_session(tran_id=order, ipn_url=url)
        await stand.control("POST", "/shopper", body={"order": order, "action": "pay"})


async def advance(stand: Stand, seconds: float) -> list[Json]:
    answer = await stand.control("POST", "/clock/advance", body={"by_seconds": seconds})
    assert answer["quiet"], answer
    return answer["ran"]


def orders_of(receiver: Receiver) -> list[str]:
    return [fields["tran_id"] for fields in receiver.got]


@pytest.mark.parametrize(
    ("window", "came"), [(2, ["B", "D", "A", "C"]), (3, ["C", "B", "A"]), (4, ["D", "C", "B", "A"])]
)
async def test_notifications_of_a_window_come_in_reverse_order(window: int, came: list[str]) -> None:
    async with told({"reorder": {"window": window}}) as (stand, receiver, url):
        await pay(stand, url, "A", "B", "C", "D")
        await advance(stand, 0)
        assert orders_of(receiver) == came


async def test_one_that_nothing_overtakes_comes_by_itself_when_its_time_is_over() -> None:
    async with told({"reorder": {"within_seconds": 600}}) as (stand, receiver, url):
        await pay(stand, url, "A")
        await advance(stand, 599)
        assert orders_of(receiver) == []
        await advance(stand, 1)
        await pay(stand, url, "B")
        await advance(stand, 0)
        assert orders_of(receiver) == ["A", "B"]


async def test_what_was_late_already_is_let_go_no_earlier() -> None:
    async with told({"late": {"by_seconds": 100}}, order="A") as (stand, receiver, url):
        await stand.control("POST", "/faults", body={"faults": [{"reorder": {}}]})
        await pay(stand, url, "A", "B")
        await advance(stand, 99)
        assert orders_of(receiver) == ["B"]
        await advance(stand, 1)
        assert orders_of(receiver) == ["B", "A"]


async def test_copies_are_held_and_let_go_together() -> None:
    async with told({"burst": {"copies": 3}}, {"reorder": {}}) as (stand, receiver, url):
        await pay(stand, url, "A", "B")
        await advance(stand, 0)
        assert orders_of(receiver) == ["B"] * 3 + ["A"] * 3
        assert await advance(stand, 3_600 * 2) == [] or len(receiver.got) == 6


async def test_what_is_held_is_forgotten_with_the_world_it_was_of() -> None:
    async with told({"reorder": {}}) as (stand, receiver, url):
        await pay(stand, url, "A")
        await stand.control("POST", "/reset")
        await pay(stand, url, "B")
        await advance(stand, 3_600)
        assert orders_of(receiver) == ["B"]


async def test_rules_strike_in_the_order_of_their_arming() -> None:
    async with told({"tamper": {"amount": "half"}}) as (stand, receiver, url):
        await stand.control("POST", "/faults", body={"faults": [{"tamper": {"amount": "+0.01"}}]})
        await pay(stand, url, "A")
        await advance(stand, 0)
        [ipn] = await stand.journal(operation="ipn")
        assert receiver.got[0]["amount"] == "625.01"
        assert ipn["faults"][1] == (
            "currency_amount tampered from 625.00 to 625.01, amount tampered from 625.00 to 625.01, proven anew"
        )


async def test_a_rule_can_strike_one_order_alone() -> None:
    async with told({"bad_proof": {"kind": "missing"}}, order="B") as (stand, receiver, url):
        await pay(stand, url, "A", "B")
        await advance(stand, 0)
        assert ["verify_sign" in fields for fields in receiver.got] == [True, False]
        ipns = await stand.journal(operation="ipn")
        assert [ipn["forged"] for ipn in ipns] == [False, True]


async def test_a_made_up_notification_can_be_another_accounts() -> None:
    async with told({"other_account": {}}) as (stand, receiver, url):
        await stand.open_session(ipn_url=url)
        await stand.control("POST", "/trigger", body={"event": "ipn", "order": "ORDER-1"})
        await advance(stand, 0)
        [fields] = receiver.got
        assert (fields["tran_id"], fields["status"]) == ("ORDER-1", "VALID")
        assert fields["store_id"].startswith("other")
        assert (await stand.validate(fields["val_id"]))["status"] == "INVALID_TRANSACTION"


FAULTS: list[Json] = [
    {"late": {"by_seconds": 600}}, {"duplicate": {"copies": 2, "every_seconds": 60}}, {"burst": {"copies": 3}},
    {"drop": {}}, {"reorder": {"within_seconds": 900}}, {"stale_replay": {"after_seconds": 3_600}},
    {"bad_proof": {"kind": "altered_field"}}, {"bad_proof": {"kind": "reserialised"}},
    {"stale_stamp": {"by_seconds": 3_600}}, {"tamper": {"amount": "-0.01"}}, {"tamper": {"field": "x", "value": ""}},
    {"other_account": {}},
]  # fmt: skip
RULES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3), st.sampled_from([{}, {"nth": 2}, {"every": 2}])
    ),
    max_size=4,
)


@given(rules=RULES, seed=st.integers(0, 2**31))
@settings(max_examples=large(50))
async def test_whatever_the_rules_nothing_planned_is_lost_and_a_seed_repeats(rules: list[Json], seed: int) -> None:
    runs = [await _run(rules, seed) for _ in range(2)]
    journals = [run[0] for run in runs]
    assert journals[0] == journals[1]


async def _run(rules: list[Json], seed: int) -> tuple[list[Json], int]:
    """Three payments under the rules, until nothing is owed; then one more when the rules are gone."""
    async with open_stand(seed=seed) as stand, served(Receiver()) as url:
        for faults, when in rules:
            await stand.ask_control("POST", "/faults", body={"when": when, "faults": faults})
        await pay(stand, f"{url}/ipn", "A", "B", "C")
        planned = [due for due in (await stand.control("GET", "/due"))["due"] if due["kind"] == "send"]
        await advance(stand, 86_400)
        ipns = await stand.journal(operation="ipn")
        assert len(ipns) >= len(planned)
        assert {ipn["subject"] for ipn in ipns} == {"A", "B", "C"}
        dropped = [ipn for ipn in ipns if ipn["outcome"] == "never_sent"]
        assert all("dropped" in ipn["faults"] for ipn in dropped)
        assert all(ipn["outcome"] == "answered" for ipn in ipns if ipn not in dropped)
        assert [due for due in (await stand.control("GET", "/due"))["due"] if due["kind"] == "send"] == []
        await _pass_when_cleared(stand, url)
        told = [(ipn["at"], ipn["request"]["body"], ipn["faults"], ipn["outcome"]) for ipn in ipns]
        return sorted(told), len(planned)


async def _pass_when_cleared(stand: Stand, url: str) -> None:
    await stand.control("DELETE", "/faults")
    await pay(stand, f"{url}/ipn", "AFTER")
    await advance(stand, 0)
    [ipn] = await stand.journal(operation="ipn", order="AFTER")
    assert (ipn["outcome"], ipn["faults"], ipn["forged"]) == ("answered", [], False)
