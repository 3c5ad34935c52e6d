"""What the harness itself sent to a merchant, kept as exchanges: an attack shows in the evidence beside the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scenarios.conformance.adversary import Message
from scenarios.exchanges import Actor, Answer, Direction, Exchange, Kind, Outcome, Request, Side

# Above every id that a journal of one case gives out.
_FIRST_ID = 1_000_000
BY_ATTACKER = "posted by the attacker"
SENT_AGAIN = "the gateway's genuine message, sent again by the harness"
WAY_BACK = "the shopper's way back"
OF_CONTROL = "the genuine payment beside it"


@dataclass(slots=True)
class Posts:
    """The posts of one case, in their order. Messages that the gateway made are known by their fields."""

    sent: list[Exchange] = field(default_factory=list[Exchange])
    _genuine: dict[bytes, Kind] = field(default_factory=dict[bytes, Kind])

    def trust(self, message: Message, kind: Kind) -> Message:
        """Remember that the gateway made this message."""
        self._genuine[message.body] = kind
        return message

    def note(self, message: Message, *, order: int, at: datetime, answer: Answer | None, method: str = "POST") -> None:
        """Keep one post; `order` is that of the last exchange before it."""
        kind = self._genuine.get(message.body)
        sender = {Kind.NOTIFICATION: Actor.GATEWAY, Kind.RETURN: Actor.SHOPPER}.get(kind or Kind.CALL, Actor.STRANGER)
        post = Exchange(
            Side.SIMULATORS,
            _FIRST_ID + len(self.sent),
            order,
            order,
            at,
            at,
            Direction.OUT,
            kind or Kind.CALL,
            "sent again" if kind is Kind.NOTIFICATION else "post",
            sender,
            Actor.MERCHANT,
            Request(method, message.url, tuple(message.headers.items()), message.body.decode()),
            answer,
            Outcome.ANSWERED if answer else Outcome.RESET,
            forged=kind is None,
            note=_NOTES.get(kind, BY_ATTACKER),
        )
        self.sent.append(post)


_NOTES: Mapping[Kind | None, str] = {Kind.NOTIFICATION: SENT_AGAIN, Kind.RETURN: WAY_BACK}
