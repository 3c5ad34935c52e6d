"""A notification comes before the answer of the call that created the gateway order.

The gateway order stands, its answer is held back, the shopper acts, the notification is brought; then the answer goes
out. What the notification says is what the shopper did. So the merchant may hear of a payment before it knows of the
session. With `waits` whoever plays the shopper acts meanwhile, in a browser or through the control plane.
"""

from dataclasses import dataclass
from typing import Final

from contracts.binding import NoAnswer
from simulators.errors import SimulatorsError
from simulators.faults.fault import FaultOnAnswers, Struck, in_words
from simulators.faults.reply import Reply
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values, seconds
from simulators.gateways.gateway import Spoilable

_WAITS: Final = "waits"
# What the shopper does, in the words of the control plane's playShopper.
_ACTIONS: Final = {"pays": "pay", "declines": "decline", "cancels": "cancel", _WAITS: None}


@dataclass(frozen=True, slots=True)
class Early(FaultOnAnswers):
    name = "early"
    summary = (
        "a notification comes before the answer of the call that created the gateway order: that answer is held back "
        "until the shopper has acted and the notification was brought, at most `within_seconds`"
    )
    settings = (
        Setting(
            "shopper",
            SettingKind.CHOICE,
            "what the shopper does before that answer; waits: whoever plays the shopper acts meanwhile",
            options=tuple(_ACTIONS),
            default="pays",
        ),
        seconds("within", "how long the answer is held back at most", default=30),
    )

    def needs(self) -> Spoilable | None:
        return Spoilable.CREATION

    def traits(self, values: Values) -> Traits:
        return Traits(needs=frozenset({Aspect.WORK}), sets=frozenset({Aspect.WORK}))

    async def after_work(self, struck: Struck, reply: Reply, *, values: Values) -> Reply | NoAnswer:
        shopper, within = values.word("shopper"), values.number("within_seconds")
        try:
            order = struck.place.spoiler.act_early(struck.place.desk, reply.answer, action=_ACTIONS[shopper])
        except SimulatorsError as hindered:
            struck.tell(f"nothing told early: {hindered}")
            return reply
        if order is None:
            struck.tell("nothing told early: the answer opened nothing")
        elif shopper != _WAITS and not struck.owes_notification(order):
            struck.tell(f"the shopper {shopper} before this answer, and no notification tells it")
        else:
            does = "may act" if shopper == _WAITS else shopper
            struck.tell(f"the shopper {does} before this answer")
            was_brought = await struck.await_notification(order, within_seconds=within)
            struck.tell("answer held back until a notification was brought" if was_brought else _in_vain(within))
        return reply


def _in_vain(within: float) -> str:
    return f"answer held back {in_words(within)}, and no notification was brought"
