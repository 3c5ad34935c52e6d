"""A03: signature computed over other bytes than came."""

from scenarios.conformance.adversary import Message
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    odd, trimmed, control = await arena.buy(), await arena.buy(), await arena.buy()
    await arena.keep_back_news(odd)
    await arena.pay(odd)
    await arena.pay(control)
    genuine = await arena.genuine(odd)
    signed = arena.adversary.proven(genuine.having(**arena.adversary.odd_values()))
    invented = arena.adversary.success(trimmed, genuine.url).having(**arena.adversary.odd_values())
    async with arena.nobody_to_poll():
        await arena.bring(signed)
        await arena.bring(_trimmed(arena.adversary.proven(invented)))
        await is_paid_once(arena, "genuine news with odd values is taken", odd)
    await arena.come_to_rest()
    await stays_unpaid(arena, "news changed after it was signed changes nothing", trimmed)
    await note_control(arena, control)


def _trimmed(message: Message) -> Message:
    """Strip blanks off every value, as some parsers do; the proof stays as it was."""
    return message.having(**{name: value.strip() for name, value in message.fields})


CASE = Case(
    "A03",
    "Signature computed over other bytes than came",
    Severity.S1,
    does=(
        "genuine news whose echoed values hold separators, blanks at the ends, percent and plus signs, Bangla"
        " and nothing at all, then the same with a value trimmed after it was signed"
    ),
    right="the first is taken; the second is refused",
    source="sendgrid/docs#6558; SSLCommerz-Python issue 1; fact sheet 11 #16 and #19",
    judge=_judge,
)
