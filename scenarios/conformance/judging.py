"""Judges one merchant by one case: plays it in a fresh arena, and concludes. Prints nothing."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx

from scenarios.calls import CallLost
from scenarios.conductor import NotQuiet
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case, Judged
from scenarios.conformance.clock import stopwatch
from scenarios.conformance.maker import START, Maker
from scenarios.conformance.model import CannotTell, Claim, NotApplicable, Verdict, list_accusing
from scenarios.conformance.posts import OF_CONTROL
from scenarios.conformance.sink import OPERATION, Refused, list_refused
from scenarios.control import ControlError
from scenarios.exchanges import Actor, Direction, Exchange, Side, merge_journals, read_exchanges

# What keeps a case from saying anything about the merchant.
_CANNOT_TELL = (CannotTell, NotQuiet, ControlError, CallLost, OSError, httpx.HTTPError)


async def judge_all(
    maker: Maker, cases: Iterable[Case], *, seed: int, gateway: str = "sslcommerz"
) -> AsyncIterator[Judged]:
    """Judge by each case, in a fresh arena each."""
    for case in cases:
        yield await judge(maker, case, seed=seed, gateway=gateway)


async def judge(maker: Maker, case: Case, *, seed: int, gateway: str = "sslcommerz") -> Judged:
    """Judge by one case."""
    started = stopwatch()
    try:
        async with maker.open(seed=seed, gateway=gateway) as arena:
            verdict, reason = await _play(arena, case)
            return await _conclude(arena, case, verdict=verdict, reason=reason, started=started)
    except _CANNOT_TELL as why:
        return _never_began(maker, case, seed=seed, why=why, started=started)


async def _play(arena: Arena, case: Case) -> tuple[Verdict, str]:
    try:
        await case.judge(arena)
    except NotApplicable as why:
        return Verdict.NOT_APPLICABLE, str(why)
    except _CANNOT_TELL as why:
        return _verdict_of(arena.claims, stopped=str(why) or type(why).__name__)
    return _verdict_of(arena.claims)


def _verdict_of(claims: list[Claim], *, stopped: str = "") -> tuple[Verdict, str]:
    """Catalogue, section 0: what was seen broken is broken; without its control no case passes, nor demands."""
    broken = list_accusing(claims)
    if broken:
        return Verdict.BROKEN, f"{broken[0].words}: {broken[0].seen}"
    if stopped:
        return Verdict.INCONCLUSIVE, stopped
    controls = [claim for claim in claims if claim.is_control]
    failed = next((claim for claim in controls if not claim.holds), None)
    if failed is not None:
        return Verdict.INCONCLUSIVE, f"the genuine payment beside it failed too: {failed.seen}"
    if not controls:
        return Verdict.INCONCLUSIVE, "the case ended without its control"
    return Verdict.KEPT, "every claim holds, and so does the control"


async def _conclude(arena: Arena, case: Case, *, verdict: Verdict, reason: str, started: float) -> Judged:
    return Judged(
        case,
        arena.merchant.name,
        arena.seed,
        verdict,
        reason,
        tuple(arena.claims),
        tuple(arena.notes),
        await _evidence(arena) if verdict is Verdict.BROKEN else (),
        started_at=START,
        ended_at=arena.clock.now,
        wall_seconds=stopwatch() - started,
        repeat=arena.merchant.repeat(case.id, seed=arena.seed),
        refused_by_sink=await _refused_by_sink(arena),
    )


async def _refused_by_sink(arena: Arena) -> tuple[Refused, ...]:
    try:
        return list_refused(await arena.journal(operation=OPERATION))
    except _CANNOT_TELL:
        return ()


async def _evidence(arena: Arena) -> tuple[Exchange, ...]:
    try:
        found: list[dict[str, Any]] = await arena.journal()
        of_merchant = await arena.merchant.exchanges()
    except _CANNOT_TELL:
        return ()
    of_gateway = [_whose(one) for one in read_exchanges(found, side=Side.SIMULATORS)]
    # Whoever keeps a journal of its own is our server.
    receiver = Actor.SERVER if of_merchant else Actor.MERCHANT
    posts = [replace(one, receiver=receiver) for one in arena.posts.sent]
    whole = merge_journals(of_gateway, of_merchant, posts)
    return tuple(_marked(one) if one.subject in arena.controls else one for one in whole)


def _marked(exchange: Exchange) -> Exchange:
    return replace(exchange, note=f"{exchange.note}; {OF_CONTROL}" if exchange.note else OF_CONTROL)


def _whose(exchange: Exchange) -> Exchange:
    """A played shop writes into the gateway's journal: its own halves are the other side's, so that arrows join."""
    asks = exchange.direction is Direction.OUT and exchange.sender is Actor.MERCHANT
    is_asked = exchange.direction is Direction.IN and exchange.receiver is Actor.MERCHANT
    return replace(exchange, side=Side.SERVER) if asks or is_asked else exchange


def _never_began(maker: Maker, case: Case, *, seed: int, why: Exception, started: float) -> Judged:
    at: datetime = START
    return Judged(
        case,
        maker.label,
        seed,
        Verdict.INCONCLUSIVE,
        f"it never began: {why or type(why).__name__}",
        (),
        (),
        (),
        started_at=at,
        ended_at=at,
        wall_seconds=stopwatch() - started,
        repeat=f"gatewright conform --case {case.id} --seed {seed}",
    )
