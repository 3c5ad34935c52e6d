"""Which queue a kind of job stands in: what people count, and what keeps one kind from taking every slot."""

from enum import Enum


class Queue(Enum):
    """The queues of document 001, and one for all that it does not know."""

    PAYMENT = "payment"
    REFUND = "refund"
    WEBHOOK = "webhook"
    OTHER = "other"


# Every other kind stands in `OTHER`.
QUEUES = {
    "acquire_payment": Queue.PAYMENT,
    "confirm_notification": Queue.PAYMENT,
    "expire_session": Queue.PAYMENT,
    "reconcile_payment": Queue.PAYMENT,
    "lapse_hold": Queue.PAYMENT,
    "send_refund": Queue.REFUND,
    "follow_refund": Queue.REFUND,
    "deliver_webhook": Queue.WEBHOOK,
}


def queue_of(name: str) -> Queue:
    """Return the queue of a kind of job; kinds are named in `joining/duties.py`."""
    return QUEUES.get(name, Queue.OTHER)
