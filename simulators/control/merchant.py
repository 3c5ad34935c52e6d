"""The control plane's operations on the played merchant: its shop with its flaws, its scripted receiver."""

from contracts.binding import Answer, Call
from simulators.control.side import Side
from simulators.merchant.flaws import FLAWS
from simulators.merchant.receiver import read_step, receiver_of


class MerchantOperations:
    """Operations tagged `merchant`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def read_shop(self, call: Call) -> Answer:
        """Answer what the account's shop is like."""
        shop = self._side.shops.of(self._side.account_of(call))
        told = {
            "account": shop.floor.account.name,
            "flaws": shop.flaws,
            "settings": shop.floor.settings.model_dump(exclude={"credentials"}),
            "ready": shop.decisions.is_ready(),
            "orders": len(shop.rows.orders),
            "notification_url": f"{shop.floor.own_address}/shop/ipn",
        }
        return Answer.json(200, told)

    async def set_shop(self, call: Call) -> Answer:
        """Seed flaws, set settings."""
        account = self._side.account_of(call)
        self._side.shops.set(account, flaws=call.body.get("flaws"), settings=call.body.get("settings"))
        return await self.read_shop(call)

    async def restart_shop(self, call: Call) -> Answer:
        """Do what the end of the shop's process and a new start do."""
        self._side.shops.of(self._side.account_of(call)).restart()
        return Answer(204)

    async def list_flaws(self, call: Call) -> Answer:
        """Answer every flaw that a shop can be given."""
        flaws = [
            {"name": flaw.name, "summary": flaw.summary, "cases": flaw.cases, "source": flaw.source} for flaw in FLAWS
        ]
        return Answer.json(200, {"flaws": flaws})

    async def read_receiver(self, call: Call) -> Answer:
        """Answer what came to the scripted receiver."""
        receiver = receiver_of(self._side.account_of(call))
        return Answer.json(200, {"received": list(receiver.received), "dropped": receiver.dropped})

    async def set_receiver(self, call: Call) -> Answer:
        """Begin a script."""
        script = tuple(read_step(told) for told in call.body["script"])
        receiver_of(self._side.account_of(call)).play(script, then=call.body.get("then", "last"))
        return await self.read_receiver(call)
