"""What is deleted by age: each room adds the rows of its own that nobody needs any more."""

from datetime import timedelta

from reference_server.idempotency.model import IdempotencyKey
from reference_server.jobs.purge import Purge
from reference_server.notifications.inbox import InboxNotification, is_concluded
from reference_server.settings import Settings
from reference_server.webhooks.model import Delivery, DeliveryAttempt, WebhookEvent
from reference_server.webhooks.store import is_attempt_spent, is_delivery_spent, is_event_spent


def join_purges(settings: Settings) -> tuple[Purge, ...]:
    """Return them all. What is about money, the audit trail before all, is kept for ever."""
    kept = timedelta(days=settings.keep_days)
    return (
        # An hour past its end, so that a purge is never what frees a key.
        Purge(IdempotencyKey, since="expires_at", age=timedelta(hours=1)),
        # A duplicate that comes later still is confirmed anew, and moves nothing.
        Purge(InboxNotification, since="received_at", age=kept, where=is_concluded()),
        # In this order, since each refers to the next; what is still to be brought stays whole, however old it is.
        Purge(DeliveryAttempt, since="ended_at", age=kept, where=is_attempt_spent()),
        Purge(Delivery, since="created_at", age=kept, where=is_delivery_spent()),
        Purge(WebhookEvent, since="at", age=kept, where=is_event_spent()),
    )
