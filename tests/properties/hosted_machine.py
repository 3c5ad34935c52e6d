"""The hosted page beside the payments API: notifications duplicated, reordered, late or never, over deaths."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from contracts.checks import CHECKS
from tests.properties.payments_machine import DEATHS, PaymentsMachine, require
from tests.properties.truth import truth_of
from tests.reference_server.scripted import Fields
from tests.reference_server.stage import Stage

# What holds at any moment; the others hold when all is quiet.
ALWAYS = ("provisioned_at_most_once", "provisioned_only_when_paid", "refunds_never_exceed_what_was_captured")

# The gateway's session ends too (fact sheet 13), before the server's last question about it, a day after the opening.
# Of what were paid later, with an IPN that is never sent, no server could know that is not told to ask.
PAYABLE_SECONDS = 86_400


class HostedPageMachine(PaymentsMachine):
    """One merchant that takes money both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: list[tuple[str, str]] = []
        # In seconds since the start, as much as it may have been then.
        self.opened_at: dict[str, int] = {}
        self.ipns: list[tuple[str, Fields]] = []

    @rule(dies=DEATHS)
    def open_session(self, dies: int | None) -> None:
        self._kill_after(dies)
        opened = self.life.play(lambda stage: stage.opened())
        self.life.spare()
        # Killed over it, the merchant has no session to show to a shopper.
        if opened is not None:
            self.sessions.append(opened)
            self.opened_at[opened[1]] = self.now

    @precondition(lambda self: self.sessions)
    @rule(which=st.integers(0, 9), outcome=st.sampled_from(["pays", "pays", "FAILED", "CANCELLED"]))
    def shopper_decides(self, which: int, outcome: str) -> None:
        session, tran_id = self.sessions[which % len(self.sessions)]
        is_over = self.now - self.opened_at[tran_id] >= PAYABLE_SECONDS
        if is_over or self.life.gateway.sales[tran_id].status != "PENDING":
            return
        gateway = self.life.gateway
        fields = gateway.pay(tran_id) if outcome == "pays" else gateway.end(tran_id, outcome)
        self.ipns.append((session, fields))

    @precondition(lambda self: self.ipns)
    @rule(which=st.integers(0, 9), times=st.integers(1, 3), dies=DEATHS)
    def ipn_arrives(self, which: int, times: int, dies: int | None) -> None:
        """In any order, and again."""
        session, fields = self.ipns[which % len(self.ipns)]

        async def story(stage: Stage) -> None:
            for _ in range(times):
                assert (await stage.ipn(session, fields)).status_code == 200
            await stage.quiesce()

        self._kill_after(dies)
        self.life.play(story)
        self.life.spare()

    @precondition(lambda self: self.sessions)
    @rule(which=st.integers(0, 9), amount=st.sampled_from(["1.00", "40.50", "100.50"]), dies=DEATHS)
    def give_back(self, which: int, amount: str, dies: int | None) -> None:
        session, _ = self.sessions[which % len(self.sessions)]
        self._kill_after(dies)
        self.life.play(lambda stage: stage.refund(session, amount=amount))
        self.life.spare()

    @invariant()
    def neither_side_gives_more_than_it_took(self) -> None:
        self._hold(*ALWAYS)

    def at_rest(self) -> None:
        """Both sides agree on every order, and what was paid is delivered."""
        super().at_rest()
        self._hold(*CHECKS)

    def _hold(self, *names: str) -> None:
        orders: Any = self.life.play(_list_orders)
        truth = truth_of(self.life, orders["orders"])
        for name in names:
            require(CHECKS[name](truth))

    def _kill_after(self, dies: int | None) -> None:
        if dies is not None:
            self.life.kill_after(dies)


async def _list_orders(stage: Stage) -> Any:
    return await stage.server.control.list_orders()
