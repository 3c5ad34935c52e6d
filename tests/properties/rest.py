"""What must have come about once everything is well again and time has run past the longest wait (catalogue O03)."""

from collections import defaultdict

from contracts.checks.asking import object_of
from contracts.checks.webhooks_are_proven import webhooks_are_proven
from tests.properties.books import ENDS, Books, items_of
from tests.properties.life import Life, get, post
from tests.reference_server.stage import Stage

# Longer than an authorization waits for its capture, which is a week.
LONG_DAYS = 8
PAGE = "limit=100"
_EVENTS = {"CAPTURED": "payment.success", "FAILED": "payment.failed", "CANCELLED": "payment.failed"}


def come_to_rest(life: Life, books: Books, secret: str) -> None:
    """Heal everything, let time run, and demand that all that was owed has happened, once."""
    life.spare()
    life.end.is_down = False
    life.play(lambda stage: stage.advance(days=LONG_DAYS))
    _send_again_what_failed(life)
    assert list(books.see_payments(items_of(life.ask(get(f"/api/v1/payments?{PAGE}"))))) == []
    assert list(books.see_refunds(items_of(life.ask(get(f"/api/v1/refunds?{PAGE}"))))) == []
    assert {one["state"] for one in books.payments.values()} <= ENDS
    assert {one["state"] for one in books.refunds.values()} <= {"PROCESSED"}
    assert life.play(_next_due) is None
    _find_all_told(life, books, secret)


def _send_again_what_failed(life: Life) -> None:
    """Do what a merchant does whose receiver was down for too long: enable it, and ask for the span again."""
    for endpoint in items_of(life.ask(get("/api/v1/endpoints"))):
        asked = post(f"/api/v1/endpoints/{endpoint['id']}", {"enabled": True})
        assert life.ask(asked.by("PATCH")).status == 200
    span = {"from": "2030-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"}
    assert life.ask(post("/api/v1/webhooks/resend", span)).status == 202
    life.play(lambda stage: stage.advance(hours=1))


def _find_all_told(life: Life, books: Books, secret: str) -> None:
    """Each end was told under one id, arrived, and was proven on every attempt."""
    assert list(webhooks_are_proven(life.end.received, secret)) == []
    arrived: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in life.end.received:
        told = object_of(one.body) or {}
        if one.answered == 200:
            arrived[str(told["event"]), str(told["refund_id"] or told["payment_id"])].add(one.webhook_id)
    owed = {(_EVENTS.get(one["state"], "payment.failed"), one["id"]) for one in books.payments.values()}
    owed |= {("refund.processed", one["id"]) for one in books.refunds.values()}
    assert owed <= arrived.keys()
    assert {about: len(ids) for about, ids in arrived.items()} == dict.fromkeys(arrived, 1)


async def _next_due(stage: Stage) -> str | None:
    due = stage.server.timekeeper.next_due()
    return None if due is None else f"{due}"
