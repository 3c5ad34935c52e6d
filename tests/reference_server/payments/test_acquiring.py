"""An acquirer that is slow, silent or wrong, and a merchant who calls the payment off meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from reference_server.errors import GatewayTimedOutError
from reference_server.gateways.gateway import Acquirer, Authorization, AuthorizationRequest, GatewayReport, GatewayWord
from reference_server.ids import AttemptId, PaymentId
from reference_server.jobs import store as jobs
from reference_server.jobs.conclusions import Conclusion, Conclusions
from reference_server.jobs.schedule import ACQUIRE
from reference_server.jobs.store import Claim, Claimant, Duty
from reference_server.money import Money
from reference_server.payments.acquiring import Acquiring
from reference_server.payments.apply import ACQUIRE_PAYMENT, FINISH_AUTHORIZATION, LAPSE_AUTHORIZATION, Rules
from reference_server.payments.authorized import ask_to_capture
from reference_server.payments.judgement import LateCapture
from reference_server.payments.store import get_payment
from tests.reference_server.apis.payments.shop import created, ended, get, post, sandbox_says
from tests.reference_server.stage import Stage, staged

FAR = 10**12


@dataclass
class ScriptedAcquirer:
    """Answers as the sandbox does where it always agrees, but for what `change` makes of it; None is silence."""

    change: Callable[[GatewayReport], GatewayReport | None] = lambda report: report
    calls: list[str] = field(default_factory=list[str])

    def answers_after(self, key: str) -> timedelta:
        return timedelta(seconds=1)

    async def authorize(self, request: AuthorizationRequest) -> GatewayReport:
        word = GatewayWord.CAPTURED if request.captures else GatewayWord.AUTHORIZED
        authorization = Authorization(f"sbx_{request.key}", request.reference, request.money)
        return self._answer("authorize", word, authorization)

    async def close(self, request: AuthorizationRequest) -> GatewayReport:
        return self._answer("close", GatewayWord.CANCELLED, Authorization("", request.reference, request.money))

    async def capture(self, authorization: Authorization) -> GatewayReport:
        return self._answer("capture", GatewayWord.CAPTURED, authorization)

    async def void(self, authorization: Authorization) -> GatewayReport:
        return self._answer("void", GatewayWord.CANCELLED, authorization)

    def _answer(self, call: str, word: GatewayWord, authorization: Authorization) -> GatewayReport:
        self.calls.append(call)
        claims, name = (authorization.money,), authorization.gateway_reference
        told = GatewayReport(word, authorization.reference, name, claims, None, "", "", is_bound=True)
        report = self.change(told)
        if report is None:
            raise GatewayTimedOutError("no answer")
        return report


def acquiring(stage: Stage, acquirer: Acquirer) -> Acquiring:
    rules = Rules(LateCapture.ACCEPT, timedelta(hours=72), lambda: AttemptId("att_further"))
    return Acquiring(stage.server.database, stage.server.timekeeper.clock, acquirer=acquirer, rules=rules)


def claim_of(stage: Stage, name: str, payment_id: str) -> Claim:
    """Take the duty as a worker does."""
    duty, claimant = Duty(name, payment_id, ""), Claimant("test", FAR)
    claim = stage.server.database.run_now(lambda session: jobs.claim_duty(session, duty, claimant))
    assert claim is not None
    return claim


async def commit(stage: Stage, claim: Claim, conclusion: Conclusion) -> None:
    await Conclusions(stage.server.database, worker=lambda: "test").commit(claim, conclusion)


def is_owed(stage: Stage, name: str, payment_id: str) -> bool:
    def look(session: Session) -> bool:
        return any(job.name == name and job.about == payment_id for job in jobs.list_free(session, EVERYBODY, limit=99))

    return stage.server.database.read_now(look)


EVERYBODY = Claimant("nobody", 2 * FAR)


async def state_of(stage: Stage, payment_id: str) -> Any:
    return (await get(stage, f"/payments/{payment_id}"))["state"]


@pytest.mark.parametrize(("capture", "followed_by"), [("automatic", "refund"), ("manual", "void")])
async def test_money_that_comes_while_the_merchant_calls_the_payment_off_goes_back(
    capture: str, followed_by: str
) -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await created(stage, capture=capture), ScriptedAcquirer()
        claim = claim_of(stage, ACQUIRE_PAYMENT, payment_id)
        conclusion = await acquiring(stage, acquirer).acquire_payment(claim)
        told = (await post(stage, f"/payments/{payment_id}/cancel", {})).json()
        assert told["state"] == "CANCELLED"
        await commit(stage, claim, conclusion)
        told = await get(stage, f"/payments/{payment_id}")
        assert told["state"] == "CANCELLED"
        assert told["amount_captured"] == told["amount_refund_pending"] == (50_000 if followed_by == "refund" else 0)
        assert is_owed(stage, FINISH_AUTHORIZATION, payment_id) is (followed_by == "void")
        await stage.advance(minutes=1)
        told = await get(stage, f"/payments/{payment_id}")
        assert told["amount_refunded"] == told["amount_captured"]
        lines = (await get(stage, f"/payments/{payment_id}/audit", limit=100))["items"]
        ends = [line["after"] for line in lines if line["resource"] in {"attempt", "refund"}]
        assert ends[-1] == ("PROCESSED" if followed_by == "refund" else "ABANDONED")


async def test_what_is_called_off_before_anybody_asked_is_not_asked_for() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await created(stage), ScriptedAcquirer()
        claim = claim_of(stage, ACQUIRE_PAYMENT, payment_id)
        await post(stage, f"/payments/{payment_id}/cancel", {})
        await commit(stage, claim, await acquiring(stage, acquirer).acquire_payment(claim))
        # Whoever took the duty may have asked and died: nobody can know, so that the try is closed.
        assert acquirer.calls == ["close"]
        assert not is_owed(stage, ACQUIRE_PAYMENT, payment_id)
        untouched = await created(stage)
        await post(stage, f"/payments/{untouched}/cancel", {})
        assert not is_owed(stage, ACQUIRE_PAYMENT, untouched)


def unknown(report: GatewayReport) -> GatewayReport:
    return replace(report, word=GatewayWord.UNKNOWN)


def silent(report: GatewayReport) -> None:
    """Answer nothing."""


@pytest.mark.parametrize("change", [silent, unknown])
async def test_an_acquirer_without_an_answer_is_asked_on_the_schedule_and_then_a_person_looks(
    change: Callable[[GatewayReport], GatewayReport | None],
) -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await created(stage), ScriptedAcquirer(change)
        worker = acquiring(stage, acquirer)
        for _ in range(len(ACQUIRE) + 1):
            assert await state_of(stage, payment_id) == "PENDING"
            claim = claim_of(stage, ACQUIRE_PAYMENT, payment_id)
            await commit(stage, claim, await worker.acquire_payment(claim))
        assert len(acquirer.calls) == len(ACQUIRE) + 1
        assert await state_of(stage, payment_id) == "NEEDS_REVIEW"
        assert not is_owed(stage, ACQUIRE_PAYMENT, payment_id)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"claims": (Money(49_999, "INR"),)}, "NEEDS_REVIEW"),
        ({"claims": (Money(50_000, "USD"),)}, "NEEDS_REVIEW"),
        ({"claims": ()}, "NEEDS_REVIEW"),
        ({"reference": "another"}, "PENDING"),
        ({"gateway_reference": ""}, "PENDING"),
        ({"word": GatewayWord.HELD}, "HELD"),
        ({"word": GatewayWord.PENDING}, "PENDING"),
        ({"word": GatewayWord.UNKNOWN}, "PENDING"),
        ({"word": GatewayWord.FAILED, "reason": "no"}, "FAILED"),
        ({"word": GatewayWord.EXPIRED}, "EXPIRED"),
    ],
)
async def test_only_equal_money_of_this_order_is_captured(change: dict[str, Any], state: str) -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await created(stage), ScriptedAcquirer(lambda report: replace(report, **change))
        claim = claim_of(stage, ACQUIRE_PAYMENT, payment_id)
        await commit(stage, claim, await acquiring(stage, acquirer).acquire_payment(claim))
        assert await state_of(stage, payment_id) == state
        assert is_owed(stage, ACQUIRE_PAYMENT, payment_id) is (state == "PENDING")


@pytest.mark.parametrize(
    ("claims", "state"), [((Money(20_000, "INR"),), "CAPTURED"), ((Money(50_000, "INR"),), "NEEDS_REVIEW")]
)
async def test_a_capture_of_another_sum_than_was_asked_for_waits_for_a_person(
    claims: tuple[Money, ...], state: str
) -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage, capture="manual")
        _ask_to_capture(stage, payment_id, 20_000)
        worker = acquiring(stage, ScriptedAcquirer(lambda report: replace(report, claims=claims)))
        claim = claim_of(stage, FINISH_AUTHORIZATION, payment_id)
        await commit(stage, claim, await worker.finish_authorization(claim))
        assert await state_of(stage, payment_id) == state


async def test_a_capture_whose_answer_was_lost_is_finished_by_itself_and_nothing_else_comes_between() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage, capture="manual")
        _ask_to_capture(stage, payment_id, 20_000)
        for path in ("capture", "cancel"):
            assert (await post(stage, f"/payments/{payment_id}/{path}", {})).status_code == 409
        await stage.advance(seconds=59)
        assert await state_of(stage, payment_id) == "AUTHORIZED"
        await stage.advance(seconds=1)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["state"], told["amount_captured"]) == ("CAPTURED", 20_000)


async def test_money_does_not_lapse_while_its_capture_is_under_way() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await ended(stage, capture="manual"), ScriptedAcquirer()
        _ask_to_capture(stage, payment_id, 50_000)
        claim = claim_of(stage, LAPSE_AUTHORIZATION, payment_id)
        await commit(stage, claim, await acquiring(stage, acquirer).lapse_authorization(claim))
        assert acquirer.calls == []
        await stage.advance(minutes=2)
        assert await state_of(stage, payment_id) == "CAPTURED"


async def test_a_silent_acquirer_is_asked_again_to_release_what_lapsed() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await ended(stage, capture="manual"), ScriptedAcquirer(silent)
        for _ in range(3):
            claim = claim_of(stage, LAPSE_AUTHORIZATION, payment_id)
            await commit(stage, claim, await acquiring(stage, acquirer).lapse_authorization(claim))
            assert await state_of(stage, payment_id) == "AUTHORIZED"
        assert (await post(stage, f"/payments/{payment_id}/capture", {})).status_code == 409
        acquirer.change = lambda report: report
        claim = claim_of(stage, LAPSE_AUTHORIZATION, payment_id)
        await commit(stage, claim, await acquiring(stage, acquirer).lapse_authorization(claim))
        assert acquirer.calls == ["void"] * 4
        assert await state_of(stage, payment_id) == "EXPIRED"


def _ask_to_capture(stage: Stage, payment_id: str, amount_minor: int) -> None:
    """Note it as the operation does, whose process then dies."""
    now = stage.server.timekeeper.clock.now()
    stage.server.database.run_now(
        lambda session: ask_to_capture(session, get_payment(session, PaymentId(payment_id)), amount_minor, now=now)
    )
