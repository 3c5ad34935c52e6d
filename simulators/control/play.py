"""The control plane's operations that play: a shopper without a browser, notifications of one's own, effects."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from contracts.binding import Answer, Call
from simulators.accounts import Account
from simulators.control.clocks import render_due
from simulators.control.side import Side
from simulators.desk import ENTRY
from simulators.errors import NoSuchThing, SettingsError, SimulatorsError
from simulators.gateways.gateway import GatewayAct, Proof, ShopperAct, ShopperOutcome, Wish
from simulators.journal import Actor, Direction, Exchange, Kind, Outcome, Request, WireAnswer, render_instant

_OPERATIONS = {"open": "showCheckout", "leave": "showCheckout"}


class PlayOperations:
    """Operations tagged `play`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def play_shopper(self, call: Call) -> Answer:
        """Do on the checkout page what a shopper would; the journal has it as the exchange that it stands for."""
        asked: Mapping[str, Any] = call.body
        if "order" not in asked and "session" not in asked:
            raise SettingsError("one of order and session is needed")
        account = self._side.account_of(call)
        gateway = str(asked.get("gateway", "sslcommerz"))
        act = ShopperAct(**{name: value for name, value in asked.items() if name != "gateway"})
        exchange = _page_exchange(act)
        outcome = self._act(account, gateway, act=act, exchange=exchange)
        self._write_down(account, gateway, exchange=exchange, outcome=outcome)
        returns = outcome.returns
        told = returns and {"method": returns.method, "url": returns.url, "fields": dict(returns.fields)}
        return Answer.json(200, {"state": outcome.state, "order": outcome.order, "return": told})

    def _act(self, account: Account, gateway: str, *, act: ShopperAct, exchange: Exchange) -> ShopperOutcome:
        entry = ENTRY.set(exchange)
        try:
            return self._side.gateways[gateway].play(self._side.desk_of(account, gateway), act)
        finally:
            ENTRY.reset(entry)

    def _write_down(self, account: Account, gateway: str, *, exchange: Exchange, outcome: ShopperOutcome) -> None:
        url = f"{self._side.addresses().get(gateway, '')}{outcome.path}"
        url += "/outcome" if exchange.operation == "chooseOutcome" else ""
        exchange.request = Request(exchange.request.method, url, exchange.request.headers, exchange.request.body)
        account.journal.begin(exchange)
        account.journal.end(exchange, Outcome.ANSWERED, answer=WireAnswer(200, [], ""))

    async def play_gateway(self, call: Call) -> Answer:
        """Do what the gateway's own staff does; the journal has it as an exchange of the gateway with itself."""
        asked: Mapping[str, Any] = call.body
        if "order" not in asked and "session" not in asked:
            raise SettingsError("one of order and session is needed")
        account = self._side.account_of(call)
        gateway = str(asked.get("gateway", "sslcommerz"))
        request = Request("POST", f"{self._side.addresses().get(gateway, '')}/", [], str(asked["action"]))
        exchange = Exchange(Direction.IN, Kind.PAGE, "playGateway", Actor.GATEWAY, Actor.GATEWAY, request)
        exchange.add_note(f"played through the control plane: {asked['action']}")
        wanted = GatewayAct(**{name: value for name, value in asked.items() if name != "gateway"})
        entry = ENTRY.set(exchange)
        status = 200
        try:
            outcome = self._side.gateways[gateway].act(self._side.desk_of(account, gateway), wanted)
        except SimulatorsError as refused:
            status = 404 if isinstance(refused, NoSuchThing) else 409
            exchange.add_note(f"refused: {refused}")
            raise
        finally:
            ENTRY.reset(entry)
            account.journal.begin(exchange)
            account.journal.end(exchange, Outcome.ANSWERED, answer=WireAnswer(status, [], ""))
        refund = None if outcome.refund is None else dict(outcome.refund)
        told = {"state": outcome.state, "order": outcome.order, "session": outcome.session, "refund": refund}
        return Answer.json(200, told)

    async def trigger_notification(self, call: Call) -> Answer:
        """Plan a notification of somebody's own making."""
        asked: Mapping[str, Any] = call.body
        account = self._side.account_of(call)
        gateway = str(asked.get("gateway", "sslcommerz"))
        proof = Proof(asked.get("proof", Proof.RIGHT.value))
        wish = Wish(asked["event"], asked.get("order"), asked.get("url"), proof, asked.get("fields", {}))
        before = {id(due) for due in account.outbox.list_due()}
        self._side.gateways[gateway].trigger(self._side.desk_of(account, gateway), wish)
        sends = [render_due(due) for due in account.outbox.list_due() if id(due) not in before]
        return Answer.json(202, {"sends": sends})

    async def list_effects(self, call: Call) -> Answer:
        """Answer what the played merchant was asked to provision."""
        effects = [
            {
                "key": effect.key,
                "order": effect.order,
                "calls": effect.calls,
                "done": effect.done,
                "at": render_instant(effect.at),
                "contents": dict(effect.contents),
            }
            for effect in self._side.account_of(call).effects.all()
        ]
        return Answer.json(200, {"effects": effects})


def _page_exchange(act: ShopperAct) -> Exchange:
    """Return the exchange that the shopper's browser would have made."""
    operation = _OPERATIONS.get(act.action, "chooseOutcome")
    if operation == "chooseOutcome":
        outcome = {"pay": "success", "decline": "fail"}.get(act.action, act.action)
        body = urlencode({"outcome": outcome, "method": act.method})
        request = Request("POST", "", [("content-type", "application/x-www-form-urlencoded")], body)
    else:
        request = Request("GET", "", [], "")
    exchange = Exchange(Direction.IN, Kind.PAGE, operation, Actor.SHOPPER, Actor.GATEWAY, request)
    exchange.add_note(f"played through the control plane: {act.action}")
    return exchange
