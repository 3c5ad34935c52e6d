"""What a fault decides of an answer or a notification, so that a stack in which one undoes another can be refused."""

from dataclasses import dataclass
from enum import Enum


class Aspect(Enum):
    """What there is to strike; the value completes "undoes …" and "leaves … no more"."""

    ANSWER = "the answer"
    WORK = "the work"
    WHEN = "when it leaves"
    STATUS = "the status"
    BODY = "what the body says"
    ORIGINAL = "what the operation answered"
    CONTENT = "any body at all"
    TYPE = "the type of the body"
    LENGTH = "the length of the body"
    PACE = "how fast the body comes"
    SEND = "the notification"
    COPIES = "how often it comes"
    FIELDS = "what the notification says"
    PROOF = "the proof"
    ORDER = "the order of notifications"


Aspects = frozenset[Aspect]
NOTHING: Aspects = frozenset()
ALL: Aspects = frozenset(Aspect)
# All that a peer can see of an answer.
SEEN: Aspects = frozenset(
    {Aspect.STATUS, Aspect.BODY, Aspect.ORIGINAL, Aspect.CONTENT, Aspect.TYPE, Aspect.LENGTH, Aspect.PACE}
)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a fault does to aspects.

    It `needs` some to be there, `sets` some for itself alone, `edits` some that others may edit too, `touches` some
    on the way, and `ends` some: nothing behind it finds them any more. A plan grows `copies` times.
    """

    needs: Aspects = NOTHING
    sets: Aspects = NOTHING
    edits: Aspects = NOTHING
    touches: Aspects = NOTHING
    ends: Aspects = NOTHING
    copies: int = 1


def words_of(aspects: Aspects) -> str:
    """Name aspects in the order in which they are declared."""
    return ", ".join(aspect.value for aspect in Aspect if aspect in aspects)
