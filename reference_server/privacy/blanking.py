"""What stays of a value when a shopper is erased: rules on values alone. What they are applied to is `fields.py`.

Text from outside never stays, since anything may stand in it. Of a gateway's answer the facts of the money stay, of
our own sentences those that are written here: whatever is not known to be harmless goes.
"""

import re
from collections.abc import Callable, Mapping
from typing import cast

from reference_server.columns import encode_json, read_json, store_json

Blank = Callable[[object], object]

ERASED = "erased"
# What gateways say of money, as they name it; of these only plain numbers, ids and times, never a sentence.
_MONEY_FACTS = frozenset(
    (
        *("APIConnect", "status", "tran_id", "val_id", "amount", "store_amount", "currency", "currency_type"),
        *("currency_amount", "currency_rate", "base_fair", "bank_tran_id", "tran_date", "risk_level", "store_id"),
        *("no_of_trans_found", "element", "refund_ref_id", "trans_id", "initiated_on", "refunded_on", "sessionkey"),
    )
)
_PLAIN = re.compile(r"[A-Za-z0-9.:_+-]{0,64}|[0-9-]{8,10} [0-9:.]{4,15}", re.ASCII)
# Stands for what is no fact.
_LOOSE = object()
# What is told of a payment in a webhook or an answer and names or describes its shopper.
_TOLD_OF_SHOPPER: Mapping[str, object] = {
    "customer": {},
    "instrument": {},
    "notes": {},
    "receipt": "",
    "reason": ERASED,
    "error_description": None,
}
_SENTENCES = frozenset(
    (
        "a notification of money that could not be confirmed",
        "a notification, confirmed",
        "asked before a decision",
        "erased at the merchant's word",
        "paid, and the gateway says risky",
        "provisioned",
        "that money is another payment's",
        "the acquirer could not be asked",
        "the gateway cancelled it",
        "the gateway confirmed the money",
        "the gateway names no order, or no money, in its answer",
        "the gateway says that the money is back",
        "the gateway waits for another try",
        "the gateway's answer is about another order",
        "the gateway could not be asked",
        "the gateway knows of no money",
        "the session's time is over",
        "held past its limit",
        "the merchant asked for a further session",
        "the merchant asked for it",
        "the merchant asks again",
        "the merchant called it off",
        "the merchant gave all the money back",
        "the money is proven",
        "the order is paid already",
        "the schedule has ended, and what is not delivered is refunded",
    )
)
_SUM = r"[0-9.]+ [A-Z]{3}"
_WHOLE = re.compile(
    r"the gateway says [a-z_]+|the money came after [A-Z_]+|asked (?:by|to) [a-z_]+"
    rf"|the gateway says (?:no sum|{_SUM}(?:, {_SUM})*); the order is {_SUM}"
    rf"|(?:merchant|second_money|late_money|returned|waived): {_SUM}"
    r"|a person decided: (?:accept|return|retry|waive)"
)
# What may stand before somebody else's words.
_BEGINNING = re.compile(
    rf"(?P<kept>(?:merchant|second_money|late_money|returned|waived): {_SUM}), "
    r"|(?P<decided>a person decided: (?:accept|return|retry|waive)) \("
    r"|(?P<said>refused(?:, (?:paid already|goes back|no such transition))?|the gateway refused"
    r"|the provisioning call failed|asked to no end): "
)


def no_text(_: object) -> object:
    """Keep nothing of a text."""
    return ""


def no_text_if_any(value: object) -> object:
    """Keep of a text that may be missing whether it is."""
    return None if value is None else ""


def said_so(value: object) -> object:
    """Keep of a text that something stood there."""
    return ERASED if value else value


def no_bytes(_: object) -> object:
    """Keep nothing of raw bytes."""
    return b""


def no_members(_: object) -> object:
    """Keep nothing of an object."""
    return {}


def members_without_values(value: object) -> object:
    """Keep the names of an object's members, which say nothing of anybody."""
    return dict.fromkeys(cast("Mapping[str, object]", value), "")


def own_words(value: object) -> object:
    """Keep of a cause what we ourselves say; what stood behind a colon of ours was somebody else's."""
    cause = str(value)
    if not cause or cause in _SENTENCES or cause == ERASED or _WHOLE.fullmatch(cause):
        return cause
    found = _BEGINNING.match(cause)
    if found is None:
        return ERASED
    if found["said"]:
        return f"{found['said']}: {own_words(cause[found.end() :])}"
    return found["kept"] or found["decided"]


def money_facts(value: object) -> object:
    """Keep of a gateway's answer the facts of the money, where it is JSON; nothing where it is not."""
    try:
        told = read_json(str(value))
    except ValueError:
        return ""
    return store_json(_facts(cast("object", told))) if isinstance(told, dict) else ""


def told_without_shopper(value: object) -> object:
    """Keep of a webhook or an answer of ours, in bytes, all that is not the shopper's."""
    body = cast("bytes", value)
    if not body:
        return body
    try:
        told = read_json(body.decode())
    except ValueError:
        return body
    return encode_json(_without_shopper(told))


def _facts(told: object) -> object:
    if isinstance(told, Mapping):
        members = cast("Mapping[str, object]", told)
        facts = {name: _facts(it) for name, it in members.items() if name in _MONEY_FACTS}
        return {name: it for name, it in facts.items() if it is not _LOOSE}
    if isinstance(told, list):
        return [it for it in map(_facts, cast("list[object]", told)) if it is not _LOOSE]
    return _LOOSE if isinstance(told, str) and _PLAIN.fullmatch(told) is None else told


def _without_shopper(told: object) -> object:
    if isinstance(told, list):
        return [_without_shopper(it) for it in cast("list[object]", told)]
    if not isinstance(told, Mapping):
        return told
    members = cast("Mapping[str, object]", told)
    return {name: _blank_member(name, it) for name, it in members.items()}


def _blank_member(name: str, value: object) -> object:
    if name == "customer" and isinstance(value, Mapping):
        return members_without_values(cast("Mapping[str, object]", value))
    if name in _TOLD_OF_SHOPPER and value is not None:
        return _TOLD_OF_SHOPPER[name]
    return _without_shopper(value)
