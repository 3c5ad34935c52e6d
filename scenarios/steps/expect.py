"""`expect`: claims about what must have happened. Never sleeps: it moves from due thing to due thing until all hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scenarios.model import Count, Expectation
from scenarios.story import OpenedOrder, Story

# The first HTTP status that is a refusal.
_REFUSAL = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """One claim held against what was found."""

    claim: str
    expected: str
    seen: str
    holds: bool


async def expect(story: Story, wanted: Expectation, *, line: int) -> None:
    """Look now, or up to `within` later; what does not hold at the end becomes a finding."""
    conductor = story.world.conductor

    async def holds() -> bool:
        return all(one.holds for one in await look(story, wanted))

    if wanted.within is None:
        await conductor.quiesce()
    else:
        await conductor.advance(conductor.now + wanted.within, stop=holds)
    for one in await look(story, wanted):
        if not one.holds:
            story.findings.append(story.finding(one.claim, expected=one.expected, seen=one.seen, line=line))


async def look(story: Story, wanted: Expectation) -> list[Seen]:
    """Hold each claim that is made against both sides' truth and the wire."""
    seen = list(_of_answer(story, wanted))
    if _asks_for_an_order(wanted):
        opened = story.order(wanted.order)
        order = opened.order
        of_server = await _one(story.world.server, order, session=opened.session)
        of_gateway = await _one(story.world.simulators, order, session=opened.gateway_session)
        seen += _of_server(wanted, of_server)
        seen += _of_gateway(wanted, of_gateway)
        seen += _of_refunds(wanted, opened, of_server=of_server, of_gateway=of_gateway)
        seen += await _of_sink(story, wanted, order)
        seen += await _of_wire(story, wanted, order)
    return seen


def _asks_for_an_order(wanted: Expectation) -> bool:
    claims = (
        wanted.status,
        wanted.state,
        wanted.fulfilment,
        wanted.provisioned,
        wanted.provision_calls,
        wanted.validations,
        wanted.notifications,
        wanted.refunded,
        wanted.refunds,
    )
    return any(claim is not None for claim in claims)


async def _one(control: Any, order: str, *, session: str | None) -> dict[str, Any]:
    """Return the row of that session, and the newest of the order where its session is not known."""
    rows: list[dict[str, Any]] = (await control.get("/_control/orders"))["orders"]
    found = [one for one in rows if one["order"] == order]
    by_session = [one for one in found if session is not None and one.get("session") == session]
    return (by_session or found or [{}])[-1]


def _of_answer(story: Story, wanted: Expectation) -> Iterator[Seen]:
    if wanted.answer is not None:
        answer = story.last_answer
        words = "no answer" if answer is None else f"{answer.status} {answer.body.decode(errors='replace')[:200]}"
        yield Seen(
            "status of the last answer",
            str(wanted.answer),
            words,
            answer is not None and answer.status == wanted.answer,
        )


def _of_server(wanted: Expectation, found: dict[str, Any]) -> Iterator[Seen]:
    for claim, value in (("status", wanted.status), ("state", wanted.state), ("fulfilment", wanted.fulfilment)):
        if value is not None:
            seen = found.get(claim)
            trail = json.dumps(found.get("audit", [])[-1:], default=str)
            words = f"{seen}; the audit trail ends with {trail}" if found else "the server has no such order"
            yield Seen(f"{claim} of the payment", value, words, seen == value)


def _of_gateway(wanted: Expectation, found: dict[str, Any]) -> Iterator[Seen]:
    if wanted.validations is not None:
        yield _counted("validations by the merchant", wanted.validations, int(found.get("validations", 0)))


def _of_refunds(
    wanted: Expectation, opened: OpenedOrder, *, of_server: dict[str, Any], of_gateway: dict[str, Any]
) -> Iterator[Seen]:
    if wanted.refunded is not None:
        for side, found in (("server", of_server), ("gateway", of_gateway)):
            told = _in_major(found, int(found.get("refunded_minor", 0)), amount=opened.amount)
            holds = told == Decimal(wanted.refunded)
            yield Seen(f"refunded, as the {side} has it", wanted.refunded, f"{told:f}", holds)
    for state in () if wanted.refunds is None else ("pending", "processed", "failed", "needs_review"):
        count: Count | None = getattr(wanted.refunds, state)
        if count is not None:
            told = sum(one["state"] == state.upper() for one in of_server.get("refunds", []))
            yield _counted(f"refunds {state.replace('_', ' ')}", count, told)


def _in_major(found: dict[str, Any], minor: int, *, amount: str) -> Decimal:
    """Word minor units as the story words its amounts: the order itself says how many make one."""
    return minor * Decimal(amount) / int(found["amount_minor"]) if minor else Decimal(0)


async def _of_sink(story: Story, wanted: Expectation, order: str) -> list[Seen]:
    if wanted.provisioned is None and wanted.provision_calls is None:
        return []
    effects = [
        one for one in (await story.world.simulators.get("/_control/effects"))["effects"] if one["order"] == order
    ]
    seen: list[Seen] = []
    if wanted.provisioned is not None:
        seen.append(_counted("provisionings done", wanted.provisioned, sum(int(one.get("done", 1)) for one in effects)))
    if wanted.provision_calls is not None:
        seen.append(_counted("provisioning calls", wanted.provision_calls, sum(int(one["calls"]) for one in effects)))
    return seen


async def _of_wire(story: Story, wanted: Expectation, order: str) -> list[Seen]:
    if wanted.notifications is None:
        return []
    journal = (await story.world.simulators.get("/_control/journal", limit=10_000))["exchanges"]
    told = [one for one in journal if one["kind"] == "notification" and one.get("subject") == order]
    sent = [one for one in told if one["outcome"] != "never_sent"]
    statuses = [int(one["answer"]["status"]) for one in sent if one["outcome"] == "answered"]
    taken = [status for status in statuses if status in range(200, 300)]
    claims = (
        ("notifications sent", wanted.notifications.sent, len(sent)),
        ("notifications answered with 2xx", wanted.notifications.answered, len(taken)),
        ("notifications refused", wanted.notifications.refused, sum(status >= _REFUSAL for status in statuses)),
    )
    return [_counted(claim, count, found) for claim, count, found in claims if count is not None]


def _counted(claim: str, wanted: Count, seen: int) -> Seen:
    return Seen(claim, str(wanted), str(seen), wanted.allows(seen))
