"""The kill matrix: every flaw of the played shop is accused by its cases, and the right shop by none with any seed.

Catalogue, section 0, rule 5: a case that kills nothing is not a case.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from scenarios.conformance.case import Judged
from scenarios.conformance.cases import CASES
from scenarios.conformance.judging import judge
from scenarios.conformance.merchants.played import PlayedMaker
from scenarios.conformance.model import Verdict

SEEDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the matrix: which flaw (none: the right shop), what was judged, and what ought to come of it."""

    flaw: str | None
    judged: Judged
    due: Verdict

    @property
    def is_right(self) -> bool:
        """Whether the case saw what there was to be seen."""
        return self.judged.verdict is self.due


async def play_matrix(*, seeds: tuple[int, ...] = SEEDS, gateway: str = "sslcommerz") -> AsyncIterator[Cell]:
    """Judge every flaw by its own cases, then the right shop by all of them with each seed."""
    async for cell in play_flaws(seed=seeds[0], gateway=gateway):
        yield cell
    for seed in seeds:
        async for cell in play_right_shop(seed=seed, gateway=gateway):
            yield cell


async def play_flaws(*, seed: int, gateway: str = "sslcommerz") -> AsyncIterator[Cell]:
    """Judge every flaw by the cases that it names."""
    async with PlayedMaker() as maker:
        for flaw, cases in (await maker.list_flaws()).items():
            maker.flaws = (flaw,)
            for case in cases:
                yield Cell(flaw, await judge(maker, CASES[case], seed=seed, gateway=gateway), Verdict.BROKEN)


async def play_right_shop(*, seed: int, gateway: str = "sslcommerz") -> AsyncIterator[Cell]:
    """Judge the right shop by every case."""
    async with PlayedMaker() as maker:
        for case in CASES.values():
            yield Cell(None, await judge(maker, case, seed=seed, gateway=gateway), Verdict.KEPT)


async def list_unkilled() -> list[str]:
    """Return the cases that no flaw answers to: they could not be shown to see anything."""
    async with PlayedMaker() as maker:
        flaws = await maker.list_flaws()
    named = {case for cases in flaws.values() for case in cases}
    return sorted(set(CASES) - named)
