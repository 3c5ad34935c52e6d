"""What is deleted by age: each room adds the rows of its own that nobody needs any more."""

from datetime import timedelta

from reference_server.idempotency.model import IdempotencyKey
from reference_server.jobs.purge import Purge
from reference_server.notifications.inbox import InboxNotification, is_concluded
from reference_server.settings import Settings


def join_purges(settings: Settings) -> tuple[Purge, ...]:
    """Return them all. What is about money, the audit trail before all, is kept for ever."""
    kept = timedelta(days=settings.keep_days)
    return (
        # An hour past its end, so that a purge is never what frees a key.
        Purge(IdempotencyKey, since="expires_at", age=timedelta(hours=1)),
        # A duplicate that comes later still is confirmed anew, and moves nothing.
        Purge(InboxNotification, since="received_at", age=kept, where=is_concluded()),
    )
