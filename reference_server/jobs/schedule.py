"""When something owed is tried again. Schedules are data: gaps between tries, and each of them ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def _minutes(*gaps: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=gap) for gap in gaps)


# A notification that could not be confirmed: the gateway's validator is down for minutes, sometimes for hours.
CONFIRM = _minutes(1, 2, 5, 10, 30, 60, 120, 360, 1440)
# SEAMS of issue 2: a merchant's provisioning system gets a day and a half.
FULFIL = _minutes(1, 5, 30, 120, 360, 1440)
# Asking whether a session is still unpaid when it ends.
EXPIRE = _minutes(1, 2, 5, 10, 30)
# After opening, not between tries: a notification that never came is found by the first of these.
RECONCILE_AFTER = _minutes(20, 60, 360, 1440)
# However long a session lives: money may come in its last minute, and the gateway may learn of it later still.
_RECONCILE_AFTER_EXPIRY = timedelta(hours=6)
# A last question that was not answered is asked again; without these one lost answer would lose the money.
_RECONCILE_UNANSWERED = _minutes(1, 2, 5, 10, 30, 60, 120, 360, 1440)
# A refund whose call was not answered: the same call again, which the gateway takes for the same refund.
SEND_REFUND = _minutes(1, 2, 5, 10, 30, 60, 120, 360, 1440)
# Asking whether the money is back: banks take days.
FOLLOW_REFUND = _minutes(1, 5, 30, 120, 360, *[1440] * 14)
# Risky money may be released at any time until its hold lapses.
HELD_EVERY = timedelta(hours=6)
# An acquirer that did not answer: the same call again, which it takes for the same try.
ACQUIRE = _minutes(1, 2, 5, 10, 30, 60, 120, 360, 1440)
# Between the tries of a payment that is declined for a passing reason; the last gap serves all further ones.
_FURTHER_TRY = _minutes(1, 5, 30, 120)
# A job of ours that raised: a bug must not lose what is owed, nor spin.
_CRASH = _minutes(1 / 60, 5 / 60, 0.5, 2, 10, 60)
# Workers are killed for many reasons; only a job at which more of them in a row have died is taken for the cause.
_DEATHS_BY_CHANCE = 2


def next_due_at(gaps: Sequence[timedelta], tries: int, *, now: datetime) -> datetime | None:
    """Return when to try again after `tries` tries that came to nothing, and None when the schedule has ended."""
    return now + gaps[tries - 1] if 0 < tries <= len(gaps) else None


def next_reconciliation(opened_at: datetime, *, expires_at: datetime, now: datetime) -> datetime | None:
    """Return the next instant to ask the gateway about a payment opened then, and None after the last."""
    instants = [opened_at + after for after in RECONCILE_AFTER]
    instants.append(max(instants[-1], expires_at + _RECONCILE_AFTER_EXPIRY))
    return next((instant for instant in instants if instant > now), None)


def next_after_silence(tries: int, *, now: datetime) -> datetime | None:
    """Return when to ask again after a last reconciliation without an answer; `tries` counts those before it too."""
    return next_due_at(_RECONCILE_UNANSWERED, max(1, tries - len(RECONCILE_AFTER) + 1), now=now)


def next_further_try(nth: int, *, now: datetime) -> datetime:
    """Return when a payment's `nth` try begins, the second being the first of these."""
    return now + _FURTHER_TRY[min(max(nth - 1, 1), len(_FURTHER_TRY)) - 1]


def next_after_crash(tries: int, *, now: datetime) -> datetime:
    """Return when to run a job again that raised for the `tries`th time; never gives up."""
    return now + _CRASH[min(max(tries, 1), len(_CRASH)) - 1]


def next_after_death(crashes: int, *, now: datetime) -> datetime | None:
    """Return until when to leave a job alone whose workers died or that raised so often in a row; None: run it now."""
    return None if crashes <= _DEATHS_BY_CHANCE else next_after_crash(crashes - _DEATHS_BY_CHANCE, now=now)
