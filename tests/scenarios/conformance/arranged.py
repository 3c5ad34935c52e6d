"""Judged values and small profiles that several tests of this folder begin with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scenarios.conformance.case import Judged
from scenarios.conformance.cases import CASES
from scenarios.conformance.model import Claim, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)

PROFILE = """\
version: 1
name: A shop
base_url: http://127.0.0.1:8000
environment: {STORE: "{store_id}"}
buy:
  path: /buy
  order: /order/id
look:
  path: /orders/{order}
  state: /state
  words: {paid: [PAID, DONE], pending: [NEW], delivered: [SENT]}
"""


def written(folder: Path, text: str = PROFILE) -> Path:
    """Write a profile."""
    path = folder / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def claimed(*, holds: bool = True, is_control: bool = False, words: str = "nothing is delivered") -> Claim:
    """Return a claim, of which one may say whether it holds."""
    return Claim(
        words, "0 deliveries", "0 deliveries" if holds else "2 deliveries", holds, START, is_control=is_control
    )


def lacking(words: str = "it is paid once") -> Claim:
    """Return a demand that was not met."""
    return Claim(words, "paid, 1 delivery", "paid, 0 deliveries", holds=False, at=START, is_lacking=True)


def judged(case: str, verdict: Verdict, *claims: Claim) -> Judged:
    """Return a verdict on a shop."""
    return Judged(
        CASES[case],
        "a shop",
        1,
        verdict,
        f"why it is {verdict.value}",
        claims,
        ("a note",),
        (),
        started_at=START,
        ended_at=START + timedelta(hours=1),
        wall_seconds=0.012,
        repeat=f"gatewright conform shop.yaml --case {case} --seed 1",
    )
