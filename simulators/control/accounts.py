"""The control plane's operations on accounts, their orders and their seed; health."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.binding import Answer, Call
from simulators.accounts import DEFAULT, Account, Opening
from simulators.clock import ClockMode
from simulators.control.side import Side, read_instant
from simulators.errors import NotPossible

VERSION = "0.1.0"


class AccountOperations:
    """Operations tagged `accounts` and `health`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def read_health(self, call: Call) -> Answer:
        """Answer whether this side is up."""
        told = {"side": "simulators", "ready": self._side.is_ready(), "version": VERSION}
        return Answer.json(200, told | {"listeners": dict(self._side.addresses())})

    async def list_accounts(self, call: Call) -> Answer:
        """Answer the accounts without their secrets."""
        accounts = [
            {"name": account.name, "gateways": list(account.booths), "seed": account.chance.seed}
            for account in self._side.accounts.all()
        ]
        return Answer.json(200, {"accounts": accounts})

    async def open_account(self, call: Call) -> Answer:
        """Open an account and show its secrets, this once."""
        asked: Mapping[str, Any] = call.body
        now = read_instant(asked["now"]) if "now" in asked else self._start()
        opening = Opening(asked["name"], asked.get("seed"), now, asked.get("settings", {}))
        account = self._side.accounts.open(opening)
        credentials = {name: dict(booth.credentials) for name, booth in account.booths.items()}
        told = {"name": account.name, "credentials": credentials, "base_urls": self._base_urls(account)}
        return Answer.json(201, told)

    async def close_account(self, call: Call) -> Answer:
        """Close an account and forget what is its own."""
        name = str(call.path["account"])
        if name == DEFAULT:
            raise NotPossible(
                "the account `default` cannot be closed, for calls of nobody's go there; reset it instead"
            )
        await self._side.accounts.close(name)
        return Answer(204)

    async def list_orders(self, call: Call) -> Answer:
        """Answer every gateway's truth about the account's orders."""
        account = self._side.account_of(call)
        views = [
            view
            for name, gateway in self._side.gateways.items()
            for view in gateway.list_orders(self._side.desk_of(account, name))
        ]
        orders = [
            {
                "order": view.order,
                "session": view.session,
                "account": account.name,
                "amount_minor": view.amount_minor,
                "currency": view.currency,
                "state": view.state,
                "captured_minor": view.captured_minor,
                "refunded_minor": view.refunded_minor,
                "refunds_pending_minor": view.refunds_pending_minor,
                "refunds": [dict(refund) for refund in view.refunds],
                "validations": view.validations,
            }
            for view in views
        ]
        return Answer.json(200, {"orders": orders[: int(call.query.get("limit", 1_000))]})

    async def reset(self, call: Call) -> Answer:
        """Forget orders, plans, faults, effects and journal."""
        self._side.accounts.reset(self._side.account_of(call))
        return Answer(204)

    async def set_seed(self, call: Call) -> Answer:
        """Draw from this seed from now on."""
        self._side.account_of(call).chance.reseed(int(call.body["seed"]))
        return Answer(204)

    def _start(self) -> datetime | None:
        """A fresh account shares the side's clock mode."""
        settings = self._side.settings
        return settings.clock_start if settings.clock is ClockMode.VIRTUAL else None

    def _base_urls(self, account: Account) -> dict[str, str]:
        found = dict(self._side.addresses())
        if "merchant" in found:
            found["provisioning"] = f"{found['merchant']}/{account.name}/provision"
        return found
