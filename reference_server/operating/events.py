"""What happened to payments, refunds, webhooks and deliveries, as lines of the log: once it is committed."""

from collections.abc import Iterable

import structlog

from reference_server.changes import Change
from reference_server.log import is_told
from reference_server.settings import LogLevel

_log = structlog.get_logger()


def log_changes(changes: Iterable[Change]) -> None:
    """Write a line for each change: by the merchant's own name for it, never by whose it is.

    Why it came about stands in the audit trail: a merchant's own reason may name a person.
    """
    if not is_told(LogLevel.INFO):
        return
    for change in changes:
        _log.info(
            _word(change),
            resource=change.resource,
            id=change.id,
            payment=change.payment_id,
            before=change.before,
            after=change.after,
            because=change.event,
        )


def _word(change: Change) -> str:
    if not change.before:
        return f"{change.resource} created"
    return f"{change.resource} {change.after.lower().replace('_', ' ')}"
