"""What a case is, and its verdict on a merchant. No case lives here, and nothing runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from scenarios.conformance.arena import Arena
from scenarios.conformance.model import Claim, Severity, Verdict, list_accusing
from scenarios.conformance.sink import Refused
from scenarios.exchanges import Exchange

Judge: TypeAlias = Callable[[Arena], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of the failure catalogue. `source` says where the mistake was seen in the wild."""

    id: str
    title: str
    severity: Severity
    does: str
    right: str
    source: str
    judge: Judge = field(repr=False)
    gateways: tuple[str, ...] = ("sslcommerz",)


@dataclass(frozen=True, slots=True)
class Judged:
    """One case's verdict on one merchant, with its evidence."""

    case: Case
    merchant: str
    seed: int
    verdict: Verdict
    reason: str
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    started_at: datetime
    ended_at: datetime
    wall_seconds: float
    repeat: str
    refused_by_sink: tuple[Refused, ...] = ()

    @property
    def broken(self) -> tuple[Claim, ...]:
        """Return what the merchant broke, controls apart."""
        return list_accusing(self.claims)
