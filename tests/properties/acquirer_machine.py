"""An acquirer that keeps a book, loses answers and refuses, and merchants who change their minds meanwhile.

When all is quiet the server's money is the acquirer's, to the last unit, nothing is held, and everything has ended.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from contracts.checks.asking import Asked, Told, object_of
from contracts.checks.sums_hold import sums_hold
from tests.properties.books import items_of
from tests.properties.life import Life, get, post
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.stage import Stage

PAYMENTS, REFUNDS = "/api/v1/payments?limit=100", "/api/v1/refunds?limit=100"
AMOUNT = 50_000
DEATHS = st.sampled_from([None, None, 0, 1, 2])
SECONDS = st.sampled_from([1, 11, 70, 3_600, 90_000, 260_000])
SILENCE = ["lost", "late", "unreached", "unknown", "pending"]
FAULTS = {
    "authorize": [*SILENCE, "declined", "refused", "another sum"],
    "close": SILENCE,
    "capture": [*SILENCE, "declined", "refused", "lapsed"],
    "void": [*SILENCE, "declined", "refused", "still held"],
    "refund": ["lost", "unreached"],
}
TIMES = st.sampled_from([1, 1, 1, 2, 12])
ENDS = {"CAPTURED", "FAILED", "CANCELLED", "EXPIRED"}


def _fault(call: str) -> st.SearchStrategy[str]:
    """Let most calls have a fault; the empty one is none."""
    return st.sampled_from(["", "", *FAULTS[call]])


class AcquirerMachine(RuleBasedStateMachine):
    """`make_life` starts the first server; whoever runs the machine says on which engine."""

    payments = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.acquirer = BookedAcquirer()
        self.life, self.keys = self.make_life(), count(1)

    def make_life(self) -> Life:
        raise NotImplementedError

    # What merchants do, and what the acquirer makes of it.

    @rule(target=payments, manual=st.booleans(), fault=_fault("authorize"), times=TIMES, dies=DEATHS)
    def pay(self, manual: bool, fault: str, times: int, dies: int | None) -> str:  # noqa: FBT001  # Hypothesis draws it and names it
        self._misfortune("authorize", fault, times)
        how = {"method": "upi", "vpa": "rahima@okbank", "capture": "manual" if manual else "automatic"}
        told = self._insist("/payments", {"amount": AMOUNT, **how}, None)
        if dies is not None:
            self.life.kill_after(dies)
        self.time_passes(2)
        self.life.spare()
        return str((object_of(told.body) or {})["id"])

    @rule(payment=payments, amount=st.sampled_from([None, 20_000]), fault=_fault("capture"), times=TIMES, dies=DEATHS)
    def capture(self, payment: str, amount: int | None, fault: str, times: int, dies: int | None) -> None:
        self._misfortune("capture", fault, times)
        self._insist(f"/payments/{payment}/capture", {} if amount is None else {"amount": amount}, dies)

    @rule(payment=payments, void=_fault("void"), close=_fault("close"), times=TIMES, dies=DEATHS)
    def cancel(self, payment: str, void: str, close: str, times: int, dies: int | None) -> None:
        self._misfortune("void", void, times)
        self._misfortune("close", close, times)
        self._insist(f"/payments/{payment}/cancel", {}, dies)

    @rule(payment=payments, fault=_fault("refund"), dies=DEATHS)
    def refund(self, payment: str, fault: str, dies: int | None) -> None:
        self._misfortune("refund", fault, 2)
        self._insist(f"/payments/{payment}/refunds", {"amount": 20_000}, dies)

    @rule(payment=payments, decision=st.sampled_from(["accept", "return"]), fault=_fault("close"), dies=DEATHS)
    def review(self, payment: str, decision: str, fault: str, dies: int | None) -> None:
        self._misfortune("close", fault, 2)
        self._insist(f"/payments/{payment}/review", {"decision": decision}, dies)

    # What time and the power supply do.

    @rule()
    def calls_arrive_late(self) -> None:
        self.acquirer.let_late_calls_arrive()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.life.play(lambda stage: stage.advance(seconds=seconds))

    @rule(points=st.integers(0, 8), seconds=st.sampled_from([11, 70, 90_000]))
    def the_server_dies_at_its_work(self, points: int, seconds: int) -> None:
        self.life.kill_after(points)
        self.time_passes(seconds)
        self.life.spare()

    # What must hold.

    @invariant()
    def sums_hold_and_no_more_is_told_than_was_taken(self) -> None:
        told = self.life.ask(get(PAYMENTS))
        assert list(sums_hold(told)) == []
        assert _net_of(items_of(told), "amount_captured") <= sum(one.captured_minor for one in self._book())

    def teardown(self) -> None:
        try:
            self.at_rest()
        finally:
            self.life.close()

    def at_rest(self) -> None:
        """Heal everything, let time run and people decide, and compare both sides' money."""
        self.acquirer.script.clear()
        self.acquirer.let_late_calls_arrive()
        for _ in range(2):
            self.time_passes(9 * 86_400)
            self._let_people_decide()
        self.time_passes(86_400)
        shown = items_of(self.life.ask(get(PAYMENTS)))
        assert {one["state"] for one in shown} <= ENDS
        kept = _net_of(shown, "amount_captured") - _net_of(shown, "amount_refunded")
        assert kept == sum(one.kept_minor for one in self._book())
        assert self.acquirer.held() == []
        assert [one["id"] for one in shown if one["state"] != "CAPTURED" and _kept(one)] == []
        assert self.life.play(_next_due) is None

    def _let_people_decide(self) -> None:
        """Do what people do: accept what they can and return the rest, and ask again for refunds that got stuck."""
        for one in items_of(self.life.ask(get(PAYMENTS))):
            if one["held"] and self._ask(f"/payments/{one['id']}/review", {"decision": "accept"}).status == 409:
                self._ask(f"/payments/{one['id']}/review", {"decision": "return"})
        for one in items_of(self.life.ask(get(REFUNDS))):
            if one["state"] == "NEEDS_REVIEW":
                self._ask("/refunds", {"payment_id": one["payment_id"], "reference": one["reference"]})

    def _misfortune(self, call: str, fault: str, times: int) -> None:
        """Say what goes wrong with the next calls of that kind, and with no others."""
        self.acquirer.script[call] = [fault] * times if fault else []

    def _insist(self, path: str, body: Mapping[str, object], dies: int | None) -> Told:
        """Ask, and ask again under the same key where the server died over it."""
        asked = self._asked(path, body)
        self.life.kill_after(dies) if dies is not None else self.life.spare()
        told = self.life.try_ask(asked)
        self.life.spare()
        told = told or self.life.ask(asked)
        assert told.status in {200, 201, 409, 502, 504}, told.shortly()
        return told

    def _ask(self, path: str, body: Mapping[str, object]) -> Told:
        return self.life.ask(self._asked(path, body))

    def _asked(self, path: str, body: Mapping[str, object]) -> Asked:
        return post(f"/api/v1{path}", body, key=f"key-{next(self.keys)}")

    def _book(self) -> Any:
        return self.acquirer.book.values()


def _net_of(shown: list[Mapping[str, Any]], member: str) -> int:
    return sum(one[member] for one in shown)


def _kept(one: Mapping[str, Any]) -> int:
    return one["amount_captured"] - one["amount_refunded"]


async def _next_due(stage: Stage) -> str | None:
    due = stage.server.timekeeper.next_due()
    return None if due is None else f"{due}"
