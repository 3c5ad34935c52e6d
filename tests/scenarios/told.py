"""Builders of scenarios, exchanges and ended stories for the tests of reports. Nothing here runs a side."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scenarios.events import ScenarioEnded
from scenarios.exchanges import (
    Actor,
    Answer,
    Change,
    Direction,
    Exchange,
    Kind,
    Outcome,
    Request,
    Side,
    merge_journals,
)
from scenarios.findings import Finding
from scenarios.model import HORIZON, Expectation, Placement, Scenario, Step
from scenarios.verdicts import Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)

_OF_SIMULATORS = {Actor.GATEWAY, Actor.PROVISIONING, Actor.STRANGER}
_HEADERS = (("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*"))


@dataclass(slots=True)
class Wire:
    """Writes both journals of a made-up story: time passes as told, places are counted."""

    at: datetime = START
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    _places: "itertools.count[int]" = field(default_factory=itertools.count)

    def later(self, **stretch: float) -> "Wire":
        self.at += timedelta(**stretch)
        return self

    def place(self) -> int:
        return next(self._places)

    def begin(self, way: tuple[Actor, Actor], line: str, **more: object) -> Exchange:
        """Return the sender's record of a request that has just left; `line` is "POST /path"."""
        sender, receiver = way
        method, _, url = line.partition(" ")
        exchange = Exchange(
            side=Side.SIMULATORS if sender in _OF_SIMULATORS else Side.SERVER,
            id=len(self.exchanges) + 1,
            order=self.place(),
            ended_order=None,
            at=self.at,
            ended_at=None,
            direction=Direction.OUT,
            kind=Kind.CALL,
            operation="",
            sender=sender,
            receiver=receiver,
            request=Request(method, f"http://{receiver.value}.test{url}", _HEADERS, ""),
            answer=None,
            outcome=Outcome.OPEN,
        )
        return self.write(replace(exchange, **more))

    def take(self, sent: Exchange, **more: object) -> Exchange:
        """Return the receiver's record of what was sent."""
        other = Side.SERVER if sent.side is Side.SIMULATORS else Side.SIMULATORS
        taken = replace(
            sent,
            side=other,
            id=len(self.exchanges) + 1,
            order=self.place(),
            direction=Direction.IN,
            at=self.at,
            faults=(),
            changes=(),
            **more,
        )
        return self.write(taken)

    def end(self, *records: Exchange, status: int = 200, body: str = "", **more: object) -> None:
        """End records with one answer, the receiver's first."""
        answer = Answer(status, (("content-type", "application/json"),), body)
        for record in records:
            self._end(record, answer=answer, outcome=Outcome.ANSWERED, **more if record is records[0] else {})

    def lose(self, record: Exchange, outcome: Outcome) -> None:
        """End a record without an answer."""
        self._end(record, outcome=outcome)

    def write(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        return exchange

    def call(self, way: tuple[Actor, Actor], line: str, *, status: int = 200, **more: object) -> None:
        """Write a whole call that both sides journaled."""
        sent = self.begin(way, line, **more)
        self.end(self.take(sent), sent, status=status)

    def _end(self, record: Exchange, **more: object) -> None:
        index = self.exchanges.index(record)
        ended = replace(record, ended_order=self.place(), ended_at=self.at, **more)
        self.exchanges[index] = ended


def a_scenario(*, name: str = "The IPN comes an hour late", source: str = "library/late.yaml") -> Scenario:
    return Scenario(
        version=1,
        name=name,
        description="The order waits for the notification and is provisioned once.",
        gateway="sslcommerz",
        steps=(Step("expect", Expectation(7, state="CAPTURED"), 7),),
        finally_=(),
        start=START,
        seed=1,
        server=Placement.HERE,
        settings={},
        tags=("late",),
        horizon=HORIZON,
        source=Path(source),
    )


def a_finding(*, at: datetime | None = None, place: int | None = None, **more: str) -> Finding:
    words = {
        "title": "the order is provisioned once",
        "expected": "exactly 1",
        "seen": "2",
        "repeat": "gatewright run --seed 1 library/late.yaml",
        **more,
    }
    return Finding(line=7, at=at, place=place, **words)


def an_end(
    exchanges: Iterable[Exchange] = (),
    *,
    verdict: Verdict = Verdict.KEPT,
    findings: tuple[Finding, ...] = (),
    scenario: Scenario | None = None,
    span: timedelta = timedelta(days=7),
) -> ScenarioEnded:
    return ScenarioEnded(
        scenario=scenario or a_scenario(),
        seed=1,
        verdict=verdict,
        findings=findings,
        exchanges=merge_journals(exchanges),
        started_at=START,
        ended_at=START + span,
        wall_seconds=0.25,
        turns=12,
    )


def a_change(before: str, after: str, *, resource: str = "payment", cause: str = "") -> Change:
    return Change(resource, "T-1", before, after, cause)


def a_late_ipn(wire: Wire, *, faults: tuple[str, ...] = ("late 1 h",)) -> None:
    """Write a notification during which the server confirms; it captures the payment."""
    sent = wire.begin(
        (Actor.GATEWAY, Actor.SERVER), "POST /payment/ipn/3f0c", kind=Kind.NOTIFICATION, operation="ipn", faults=faults
    )
    taken = wire.take(sent)
    wire.call((Actor.SERVER, Actor.GATEWAY), "GET /validator?val_id=1", operation="validateOrder")
    wire.end(taken, sent, changes=(a_change("PENDING", "CAPTURED", cause="confirmed"),))


def a_story() -> Wire:
    """Write a payment whose notification comes an hour late, is forged once, and whose provisioning loses an answer."""
    wire = Wire()
    asked = wire.begin((Actor.MERCHANT, Actor.SERVER), "POST /payment/init", side=Side.SERVER, direction=Direction.IN)
    wire.call((Actor.SERVER, Actor.GATEWAY), "POST /gwprocess/v4/api.php", operation="createSession")
    wire.end(asked, changes=(a_change("", "PENDING", cause="the merchant asked"),), body='{"state": "PENDING"}')
    forged = wire.begin(
        (Actor.STRANGER, Actor.SERVER), "POST /payment/ipn/3f0c", kind=Kind.NOTIFICATION, operation="ipn", forged=True
    )
    wire.end(wire.take(forged, note="base string: amount=1"), forged, status=400)
    dropped = wire.begin(
        (Actor.GATEWAY, Actor.SERVER), "POST /payment/ipn/3f0c", kind=Kind.NOTIFICATION, operation="ipn"
    )
    wire.lose(dropped, Outcome.NEVER_SENT)
    a_late_ipn(wire.later(hours=1))
    provisioned = wire.begin((Actor.SERVER, Actor.PROVISIONING), "POST /story/provision", kind=Kind.PROVISIONING)
    taken = wire.take(provisioned)
    wire.end(taken, faults=("answer lost after the work",))
    wire.lose(provisioned, Outcome.RESET)
    return wire
