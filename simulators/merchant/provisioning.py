"""The merchant's system that delivers what was paid for: one effect for each key, however often it is called."""

import hmac
from contextvars import ContextVar
from typing import Any

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, bind
from simulators.accounts import Account
from simulators.answering import Proceed, answer_with_faults, asker_of
from simulators.arrivals import current_arrival
from simulators.desk import Surroundings
from simulators.effects import Effect
from simulators.errors import NotPossible
from simulators.faults.fault import Target
from simulators.faults.rules import Occasion
from simulators.journal import Actor, Kind
from simulators.paths import CONTRACTS
from simulators.problems import problem, refuse

NAME = "merchant"
# The account whose call the running task answers, and what it asks for.
_AT_HAND: ContextVar[tuple[Account, Effect]] = ContextVar("effect")


class Provisioning:
    """Answers the provisioning call of every account."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._accounts = surroundings.accounts
        self._network = surroundings.network

    def build_app(self, *, check_answers: bool) -> ASGIApp:
        """Return the app."""
        document = Document.load(CONTRACTS / "provisioning.yaml")
        handlers = {"provision": self._provision}
        return bind(document, handlers, refuse=refuse, around=self._around, check_answers=check_answers)

    async def _around(self, call: Call, proceed: Proceed) -> Answer | NoAnswer:
        exchange = current_arrival().exchange
        exchange.operation, exchange.kind = "provision", Kind.PROVISIONING
        exchange.sender = asker_of(call, self._network)
        exchange.receiver = Actor.PROVISIONING
        account = self._account_of(call)
        if account is None:
            return problem(404, "There is no such account", detail="the path begins with the account's name")
        current_arrival().claim(account)
        effect = _effect_of(call, account)
        if effect is not None:
            exchange.subject = effect.order
            try:
                _AT_HAND.set((account, account.effects.called(effect)))
            except NotPossible as full:
                return problem(507, "There is no room", detail=str(full))
        occasion = Occasion(NAME, Target.ANSWER, "provision", exchange.subject, account.clock.now())
        return await answer_with_faults(account, occasion, call=call, work=proceed)

    async def _provision(self, call: Call) -> Answer:
        account, effect = _AT_HAND.get()
        if not hmac.compare_digest(str(call.headers["idempotency-key"]).encode(), effect.key.encode()):
            return problem(422, "The keys differ", detail="Idempotency-Key and the body's key must be the same")
        if not effect.done:
            effect.done = 1
            effect.licence = f"LIC-{account.chance.token(account.name, 'licence', length=16, alphabet=_ALPHABET)}"
        return Answer.json(200, {"licence": effect.licence})

    def _account_of(self, call: Call) -> Account | None:
        return self._accounts.find(str(call.path["account"]))


_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _effect_of(call: Call, account: Account) -> Effect | None:
    """Return the effect that a readable call asks for; a call without key and order asks for none."""
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # decoded JSON
    key, order = body.get("key"), body.get("order")
    if not isinstance(key, str) or not isinstance(order, str):
        return None
    contents = {name: value for name, value in body.items() if name not in {"key", "order"}}
    return Effect(key, order, account.clock.now(), contents)
