"""Any sequence of what merchants, gateways, receivers and the power supply do, and what must hold after each step."""

import asyncio
from collections.abc import Iterable
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from contracts.checks.asking import Asked, Told, object_of
from contracts.checks.one_key_is_one_request import one_key_is_one_request
from contracts.checks.refusal_changes_nothing import refusal_changes_nothing
from contracts.checks.replay_is_identical import replay_is_identical
from contracts.checks.sums_hold import sums_hold
from contracts.checks.truth import Broken
from tests.properties.books import Books, items_of
from tests.properties.life import WEBHOOK_URL, Life, get, post, send
from tests.properties.rest import come_to_rest
from tests.reference_server.stage import Stage

PAYMENTS, REFUNDS = "/api/v1/payments?limit=100", "/api/v1/refunds?limit=100"
CARD = {"number": "4111111111111111", "expiry_month": 12, "expiry_year": 2035, "cvv": "123", "name": "Rahima Khatun"}
INSTRUMENTS = [
    {"method": "upi", "vpa": "rahima@okbank"},
    {"method": "card", "card": CARD},
    {"method": "wallet", "wallet": "paytm"},
    {"method": "netbanking", "bank": "HDFC"},
]
AMOUNTS = st.sampled_from([1, 100, 50_000])
EVENTS = ["payment.success", "payment.failed", "refund.processed"]
# A part of a sum, the whole, and more than there is: in hundredths of it.
SHARES = st.sampled_from([None, 20, 50, 100, 101])
# After how many commits and calls the server dies over a request; mostly it lives.
DEATHS = st.sampled_from([None, None, None, 0, 1, 2])
# So long a key is known (document 001, idempotency_keys).
DAY_SECONDS = 86_400
SECONDS = st.sampled_from([1, 4, 11, 70, 3_600, 90_000])


class PaymentsMachine(RuleBasedStateMachine):
    """`make_life` starts the first server; whoever runs the machine says on which engine."""

    payments = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.life = self.make_life()
        self.books, self.keys = Books(), count(1)
        # How much time has passed at most: a server that died over it may have come less far.
        self.now = 0
        self.standing: dict[str, object] = {}
        self.answer: Told | None = None
        self.secret = self._open_endpoint()

    def make_life(self) -> Life:
        raise NotImplementedError

    # What merchants do.

    @rule(target=payments, amount=AMOUNTS, instrument=st.sampled_from(INSTRUMENTS), manual=st.booleans(), dies=DEATHS)
    def pay(self, amount: int, instrument: dict[str, object], manual: bool, dies: int | None) -> str:  # noqa: FBT001  # Hypothesis draws it and names it
        body = {"amount": amount, **instrument, "capture": "manual" if manual else "automatic"}
        told = self._insist(post("/api/v1/payments", body, key=self._key()), dies)
        shown = object_of(told.body)
        assert told.status == 201, told.shortly()
        assert shown is not None
        return str(shown["id"])

    @rule(payment=payments, share=SHARES, dies=DEATHS)
    def capture(self, payment: str, share: int | None, dies: int | None) -> None:
        body = {} if share is None else {"amount": self._part(payment, share)}
        self._insist(post(f"/api/v1/payments/{payment}/capture", body, key=self._key()), dies)

    @rule(payment=payments, dies=DEATHS)
    def cancel(self, payment: str, dies: int | None) -> None:
        self._insist(post(f"/api/v1/payments/{payment}/cancel", {}, key=self._key()), dies)

    @rule(payment=payments, share=SHARES, dies=DEATHS)
    def refund(self, payment: str, share: int | None, dies: int | None) -> None:
        body = {} if share is None else {"amount": self._part(payment, share)}
        self._insist(post(f"/api/v1/payments/{payment}/refunds", body, key=self._key()), dies)

    @rule(payment=payments, share=st.sampled_from([20, 50]), times=st.integers(2, 6))
    def refund_many_at_once(self, payment: str, share: int, times: int) -> None:
        body = {"payment_id": payment, "amount": self._part(payment, share)}
        asked = [post("/api/v1/refunds", body, key=self._key()) for _ in range(times)]

        async def story(stage: Stage) -> list[Told]:
            return list(await asyncio.gather(*(send(stage, one) for one in asked)))

        answers = self.life.play(story)
        assert answers is not None
        for one, told in zip(asked, answers, strict=True):
            self.books.take(one, told, at=self.now)

    @rule(which=st.integers(0, 99))
    def ask_again(self, which: int) -> None:
        """What was taken is answered alike for a day, whatever became of it, and however often the server died."""
        young = [one for one in self.books.done if self.now - one.at < DAY_SECONDS]
        if not young:
            return
        done = young[which % len(young)]
        require(replay_is_identical(done.asked, done.told, self.life.ask))
        require(one_key_is_one_request(done.asked, done.told, self.life.ask))

    # What the world does.

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self._advance(seconds)

    @rule()
    def the_server_dies(self) -> None:
        self.life.restart()

    @rule(points=st.integers(0, 12), seconds=st.sampled_from([11, 70]))
    def the_server_dies_at_its_work(self, points: int, seconds: int) -> None:
        self.life.kill_after(points)
        self._advance(seconds)
        self.life.spare()

    @rule(is_down=st.booleans())
    def the_receiver_changes(self, is_down: bool) -> None:  # noqa: FBT001  # Hypothesis draws it and names it
        self.life.end.is_down = is_down

    # What must hold.

    @invariant()
    def nothing_is_lost_and_sums_hold(self) -> None:
        payments, refunds = self.life.ask(get(PAYMENTS)), self.life.ask(get(REFUNDS))
        standing: dict[str, object] = {PAYMENTS: payments.body, REFUNDS: refunds.body}
        if self.answer is not None:
            require(refusal_changes_nothing(self.answer, before=self.standing, after=standing))
        self.answer, self.standing = None, standing
        require(sums_hold(payments))
        assert list(self.books.see_payments(items_of(payments))) == []
        assert list(self.books.see_refunds(items_of(refunds))) == []

    def teardown(self) -> None:
        try:
            self.at_rest()
        finally:
            self.life.close()

    def at_rest(self) -> None:
        """All that was owed has happened once everything is well and time has run."""
        come_to_rest(self.life, self.books, self.secret)

    def _insist(self, asked: Asked, dies: int | None) -> Told:
        """Ask, and ask again under the same key where the answer was lost; a refusal changes nothing."""
        self.life.kill_after(dies) if dies is not None else self.life.spare()
        told = self.life.try_ask(asked)
        self.life.spare()
        told = told or self.life.ask_after_death(asked)
        self.books.take(asked, told, at=self.now)
        self.answer = told
        return told

    def _open_endpoint(self) -> str:
        told = self.life.ask(post("/api/v1/endpoints", {"url": WEBHOOK_URL, "events": EVENTS}))
        assert told.status == 201, told.shortly()
        return str((object_of(told.body) or {})["secret"])

    def _advance(self, seconds: int) -> None:
        self.now += seconds
        self.life.play(lambda stage: stage.advance(seconds=seconds))

    def _part(self, payment: str, share: int) -> int:
        return max(1, int(self.books.payments[payment]["amount"]) * share // 100)

    def _key(self) -> str:
        return f"key-{next(self.keys)}"


def require(found: Iterable[Broken]) -> None:
    """Fail over the first promise that was broken."""
    assert list(found) == []
