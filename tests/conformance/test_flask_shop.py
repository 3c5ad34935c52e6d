"""A plain Flask shop by the vendor's guide, and the same one mended, judged over real HTTP as processes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.conformance.case import Case, Judged
from scenarios.conformance.cases import CASES
from scenarios.conformance.judging import judge, judge_all
from scenarios.conformance.merchants.profiled import ProfileMaker
from scenarios.conformance.model import Verdict
from scenarios.conformance.profile import load_profile
from scenarios.conformance.shop_process import ShopProcess
from scenarios.conformance.sink import tell_refused
from scenarios.listening import address_of, bind

# A shop that runs on through the cases, as one that somebody else has started.
BY_SOMEBODY_ELSE = ("A01", "C01", "F06")
# Each demands a delivery in a way of its own: at once, after a race, after a lost answer, settled in the end.
REFUSED_BY_THE_SINK = ("A13", "B04", "C02", "C04", "D02", "E06", "F02", "F07")
SHOPS = Path(__file__).parent / "shops"

# What following the guide comes to, and where that stands in it.
BROKEN_BY_THE_GUIDE: Mapping[str, str] = {
    "A02": "the SDK signs and sells with whatever password it is given, a blank one too",
    "A05": "the sample's fail() and cancel() flip a pending order for anybody",
    "A12": "requests follows redirects, and so does the SDK",
    "B01": "the sample compares the answer with the post, never with the order",
    "B02": "likewise, and with a slack of one unit",
    "B03": "likewise: the BDT sum of any currency equals itself",
    "B04": "nothing compares tran_id of the answer with the order at hand",
    "B06": "likewise the sum: gross and net are whatever was posted",
    "B07": "risk_level is not in the sample",
    "C05": "the order is marked paid before the delivery, and nobody tries again",
    "E05": "likewise: paid for, never delivered",
    "F07": "likewise",
}
# No second payment, no refund: it does not have such things, so nothing is said of them.
HAS_NO_SUCH_THING = {"D06", "E03", "E04", "F05"}
# Whether the shop would ask by itself some day cannot be waited for; it never does.
CANNOT_BE_TOLD = {"F06"}


async def verdict_on(profile: str, case: Case) -> Judged:
    async with ProfileMaker(load_profile(SHOPS / profile)) as maker:
        return await judge(maker, case, seed=1)


def due_of_the_guide(case: str) -> Verdict:
    if case in BROKEN_BY_THE_GUIDE:
        return Verdict.BROKEN
    return Verdict.INCONCLUSIVE if case in CANNOT_BE_TOLD else due_of_the_mended(case)


def due_of_the_mended(case: str) -> Verdict:
    return Verdict.NOT_APPLICABLE if case in HAS_NO_SUCH_THING else Verdict.KEPT


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_the_guides_shop_breaks_what_the_guide_leaves_out_and_nothing_else(case: Case) -> None:
    judged = await verdict_on("flask_plain.yaml", case)

    assert judged.verdict is due_of_the_guide(case.id), judged.reason


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_the_mended_shop_breaks_nothing(case: Case) -> None:
    judged = await verdict_on("flask_mended.yaml", case)

    assert judged.verdict is due_of_the_mended(case.id), judged.reason


async def test_a_shop_whose_deliveries_are_all_refused_is_accused_of_nothing_that_follows_from_it(
    tmp_path: Path,
) -> None:
    ours = (SHOPS / "flask_shop.py").read_text(encoding="utf-8")
    (tmp_path / "flask_shop.py").write_text(ours.replace('{"Idempotency-Key": key}', '{"Idempotency-Key": "x"}'))
    profile = load_profile(SHOPS / "flask_mended.yaml")
    async with ProfileMaker(replace(profile, path=tmp_path / "shop.yaml")) as maker:
        judged = [one async for one in judge_all(maker, [CASES[one] for one in REFUSED_BY_THE_SINK], seed=1)]

    assert [one.verdict for one in judged] == [Verdict.INCONCLUSIVE] * len(judged), [one.reason for one in judged]
    assert all("the genuine payment beside it failed too" in one.reason for one in judged)
    assert all("each refused 422: The keys differ" in tell_refused(one.refused_by_sink) for one in judged)


async def test_a_shop_that_somebody_else_starts_is_judged_with_the_environment_that_it_was_told(tmp_path: Path) -> None:
    profile = load_profile(SHOPS / "flask_mended.yaml")
    url = "http://" + free_address()
    async with ProfileMaker(replace(profile, starting=None, base_url=url)) as maker:
        assert profile.starting is not None
        process = ShopProcess(profile.starting, SHOPS, url)
        told = {**await maker.offer(), "SHOP_PORT": url.rsplit(":", 1)[1], "SHOP_FOLDER": str(tmp_path)}
        try:
            await process.start(told, maker.calls)
            cases = [CASES[one] for one in BY_SOMEBODY_ELSE]
            judged = [one async for one in judge_all(maker, cases, seed=1)]
        finally:
            process.close()

    assert [one.verdict for one in judged] == [Verdict.KEPT] * len(BY_SOMEBODY_ELSE), [one.reason for one in judged]


def free_address() -> str:
    taken = bind()
    address = address_of(taken)
    taken.close()
    return address
