"""The kill matrix of the catalogue's section 0, rule 5: what the suite can see, shown on mistakes made on purpose."""

import pytest

from scenarios.conformance.case import Case
from scenarios.conformance.cases import CASES
from scenarios.conformance.judging import judge
from scenarios.conformance.matrix import SEEDS, Cell, list_unkilled, play_flaws, play_right_shop
from scenarios.conformance.merchants.server import ServerMaker
from scenarios.conformance.model import Verdict

# Shoppers never place orders with the reference server: its merchants do, with their secret.
NOT_OF_THE_SERVER = {"B05"}


def words_of(cell: Cell) -> str:
    who = cell.flaw or f"the right shop, seed {cell.judged.seed}"
    return f"{cell.judged.case.id} on {who}: {cell.judged.verdict.value}, {cell.judged.reason}"


async def test_every_flaw_is_accused_by_its_cases() -> None:
    cells = [cell async for cell in play_flaws(seed=1)]

    assert [words_of(cell) for cell in cells if not cell.is_right] == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_right_shop_is_accused_by_no_case(seed: int) -> None:
    cells = [cell async for cell in play_right_shop(seed=seed)]

    assert [words_of(cell) for cell in cells if not cell.is_right] == []
    assert len(cells) == len(CASES)


async def test_no_case_is_without_a_flaw_that_it_accuses() -> None:
    assert await list_unkilled() == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_the_reference_server_keeps_every_case(case: Case) -> None:
    judged = await judge(ServerMaker(), case, seed=1)

    due = Verdict.NOT_APPLICABLE if case.id in NOT_OF_THE_SERVER else Verdict.KEPT
    assert judged.verdict is due, judged.reason
