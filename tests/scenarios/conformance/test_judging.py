"""A verdict is concluded from claims and their control, by the catalogue's rules."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.cases import CASES
from scenarios.conformance.judging import judge
from scenarios.conformance.merchants.played import PlayedMaker
from scenarios.conformance.model import CannotTell, NotApplicable, Severity, Verdict
from tests.scenarios.conformance.arranged import claimed, lacking


def case_that(judging: Callable[[Arena], Awaitable[None]]) -> Case:
    return Case("Z01", "A case", Severity.S1, does="x", right="x", source="x", judge=judging)


def claiming(*claims: object, then: Exception | None = None) -> Case:
    async def judging(arena: Arena) -> None:
        arena.claims.extend(claims)  # pyright: ignore[reportArgumentType]  # claims by the table below
        if then is not None:
            raise then

    return case_that(judging)


KEPT, BROKEN = claimed(), claimed(holds=False)
CONTROL, NO_CONTROL = claimed(is_control=True), claimed(holds=False, is_control=True)

LACKING = lacking()

CONCLUSIONS = [
    ("what is lacking beside a control that holds", claiming(LACKING, CONTROL), Verdict.BROKEN),
    ("what is lacking beside a control that fails too", claiming(LACKING, NO_CONTROL), Verdict.INCONCLUSIVE),
    ("what is lacking without a control", claiming(LACKING, then=CannotTell("no shop")), Verdict.INCONCLUSIVE),
    ("what is forbidden, beside what is lacking", claiming(LACKING, BROKEN, NO_CONTROL), Verdict.BROKEN),
    ("one of two controls fails", claiming(LACKING, CONTROL, NO_CONTROL), Verdict.INCONCLUSIVE),
    ("all holds", claiming(KEPT, CONTROL), Verdict.KEPT),
    ("a claim is broken", claiming(KEPT, BROKEN, CONTROL), Verdict.BROKEN),
    ("broken counts without a control too", claiming(BROKEN, NO_CONTROL), Verdict.BROKEN),
    ("no control, no pass", claiming(KEPT), Verdict.INCONCLUSIVE),
    ("the control fails", claiming(KEPT, NO_CONTROL), Verdict.INCONCLUSIVE),
    ("nothing was claimed", claiming(), Verdict.INCONCLUSIVE),
    ("it stopped half-way", claiming(KEPT, CONTROL, then=CannotTell("no shop")), Verdict.INCONCLUSIVE),
    ("it stopped after something broke", claiming(BROKEN, then=CannotTell("no shop")), Verdict.BROKEN),
    ("the merchant has no such thing", claiming(then=NotApplicable("no refunds")), Verdict.NOT_APPLICABLE),
]


@pytest.mark.parametrize(("words", "case", "verdict"), CONCLUSIONS, ids=[row[0] for row in CONCLUSIONS])
async def test_a_verdict_follows_from_claims_and_control(words: str, case: Case, verdict: Verdict) -> None:
    async with PlayedMaker() as maker:
        judged = await judge(maker, case, seed=1)

    assert judged.verdict is verdict, (words, judged.reason)
    assert judged.reason


async def test_what_a_failing_control_explains_is_no_accusation() -> None:
    async with PlayedMaker() as maker:
        judged = await judge(maker, claiming(LACKING, BROKEN, NO_CONTROL), seed=1)

    assert judged.broken == (BROKEN,)


class NobodyMaker:
    """A maker whose merchant does not come up."""

    label = "nobody"

    @asynccontextmanager
    async def open(self, *, seed: int, gateway: str) -> AsyncGenerator[Arena]:
        raise CannotTell(f"the shop ended while it started, {seed}, {gateway}")
        yield  # makes this a generator


async def test_a_merchant_that_does_not_come_up_is_neither_kept_nor_broken() -> None:
    judged = await judge(NobodyMaker(), claiming(KEPT, CONTROL), seed=3)

    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "ended while it started" in judged.reason


async def test_one_seed_gives_the_same_bytes_again() -> None:
    async with PlayedMaker(("fulfils_each_duplicate",)) as maker:
        first, second = [await judge(maker, CASES["C01"], seed=7) for _ in range(2)]

    bodies = [[one.request.body for one in judged.exchanges] for judged in (first, second)]
    assert bodies[0] == bodies[1]
    assert first.exchanges
