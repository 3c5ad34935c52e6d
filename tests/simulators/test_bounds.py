"""What is kept of a long life stays bounded: sessions, effects, accounts, the journal's text."""

import gc
import weakref
from datetime import UTC, datetime, timedelta

import pytest

from simulators.effects import Effect, Effects
from simulators.errors import NotPossible
from simulators.gateways.sslcommerz.channels import CHANNELS
from simulators.gateways.sslcommerz.memory import Memory
from simulators.gateways.sslcommerz.states import Attempt, Session, SessionState
from simulators.money import Money
from simulators.outbox import Due, DueKind, Outbox, Owed
from tests.simulators.stands import open_stand

NOW = datetime(2030, 1, 1, tzinfo=UTC)
AMOUNT = Money(10_000, "BDT")


def a_session(number: int, *, state: SessionState = SessionState.PENDING, value: str = "") -> Session:
    fields = {"tran_id": f"ORDER-{number}", "value_a": value}
    return Session(f"{number:032X}", fields, AMOUNT, AMOUNT, "1.0000", NOW, state)


def test_the_oldest_session_that_is_over_goes_first() -> None:
    memory = Memory(sessions_max=3)
    states = [SessionState.PENDING, SessionState.FAILED, SessionState.VALID]
    first, failed, paid = (a_session(number, state=state) for number, state in enumerate(states))
    attempt = Attempt(CHANNELS["visa"], AMOUNT, AMOUNT, "1.0000", "VAL", "BANK", NOW)
    for session in (first, failed, paid):
        assert memory.add(session) == []
    memory.add_attempt(paid, attempt)
    assert [memory.add(a_session(number)) for number in (3, 4)] == [[failed], [paid]]
    assert memory.add(a_session(5)) == [first]
    assert (memory.find_by_val_id("VAL"), memory.of_order("ORDER-1"), len(memory.sessions)) == (None, [], 3)


def test_sessions_are_bounded_by_their_text_too() -> None:
    memory = Memory(text_max=1_000)
    for number in range(20):
        memory.add(a_session(number, value="x" * 300))
    assert (len(memory.sessions), memory.text <= 1_000) == (3, True)
    memory.add(a_session(20, value="x" * 2_000))
    assert len(memory.sessions) == 1


def test_a_key_that_is_known_is_refused() -> None:
    memory = Memory()
    memory.add(a_session(1))
    with pytest.raises(NotPossible, match="there already"):
        memory.add(a_session(1))
    attempt = Attempt(CHANNELS["visa"], AMOUNT, AMOUNT, "1.0000", "VAL", "BANK", NOW)
    memory.add_attempt(a_session(2), attempt)
    with pytest.raises(NotPossible, match="there already"):
        memory.add_attempt(a_session(3), attempt)


async def test_of_a_request_only_what_is_told_again_is_kept() -> None:
    async with open_stand() as stand:
        await stand.open_session(cus_add1="x" * 50_000, never_heard_of="y" * 50_000)
        memory = stand.side.accounts.get("default").booths["sslcommerz"].memory
        assert isinstance(memory, Memory)
        assert memory.text < 1_000


async def test_a_session_that_had_to_go_is_nobodys_and_owes_nothing() -> None:
    async with open_stand() as stand:
        account = stand.side.accounts.get("default")
        account.booths["sslcommerz"].memory = Memory(sessions_max=1)
        opened = [await stand.open_session(tran_id=f"ORDER-{number}") for number in range(3)]
        owners = [stand.side.accounts.owner_of("sslcommerz", f"session:{one['sessionkey']}") for one in opened]
        assert owners == [None, None, account]
        assert [due["subject"] for due in (await stand.control("GET", "/due"))["due"]] == ["ORDER-2"]


def test_what_was_let_off_holds_on_to_nothing() -> None:
    class Held:
        async def work(self) -> None: ...

    held, outbox = Held(), Outbox()
    gone = weakref.ref(held)
    owed = outbox.add(Due(NOW, DueKind.JOB, "expire_session"), held.work)
    del held
    outbox.let_off(owed)
    gc.collect()
    assert gone() is None


def test_an_account_holds_so_many_effects_and_says_so() -> None:
    held = Effects(keys_max=2)
    for key in ("a", "b", "a"):
        held.called(Effect(key, "ORDER", NOW, {}))
    with pytest.raises(NotPossible, match="at most 2"):
        held.called(Effect("c", "ORDER", NOW, {}))


async def test_a_side_holds_so_many_accounts_and_says_so() -> None:
    async with open_stand() as stand:
        stand.side.accounts.accounts_max = 2
        answers = [await stand.ask_control("POST", "/accounts", body={"name": name}) for name in ("a", "b")]
        assert ([answer.status_code for answer in answers], "at most 2" in answers[1].text) == ([201, 409], True)


def test_what_was_let_off_leaves_the_outbox_long_before_its_instant() -> None:
    outbox = Outbox()
    kept = [outbox.add(Due(NOW + timedelta(seconds=at), DueKind.JOB, f"kept {at}"), nothing) for at in (3, 1, 2)]
    for _ in range(10_000):
        outbox.let_off(outbox.add(Due(NOW, DueKind.JOB, "expire_session"), nothing))
    gc.collect()
    assert sum(isinstance(one, Owed) for one in gc.get_objects()) < 1_000
    outbox.let_off(kept[0])
    outbox.let_off(kept[0])
    assert [due.name for due in outbox.list_due()] == ["kept 1", "kept 2"]
    taken = [outbox.take(NOW + timedelta(days=1)) for _ in range(3)]
    assert [owed and owed.due.name for owed in taken] == ["kept 1", "kept 2", None]


async def nothing() -> None: ...
