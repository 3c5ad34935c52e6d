"""Every account's shop: made when it is first asked for, kept with the account, forgotten with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from simulators.accounts import Account, Accounts
from simulators.merchant.adapters.sslcommerz import SSLCOMMERZ
from simulators.merchant.flaws import decide
from simulators.merchant.outgoing import Outlet
from simulators.merchant.played import delivering, jobs, polling, refunding, settling
from simulators.merchant.played.floor import Floor
from simulators.merchant.played.seam import Keys
from simulators.merchant.played.settings import read_settings
from simulators.merchant.played.shop import PlayedShop

_JOBS: Final = {
    jobs.CONFIRM: settling.confirm,
    jobs.POLL: polling.poll,
    jobs.DELIVER: delivering.deliver,
    jobs.SEND_REFUND: refunding.send,
    jobs.FOLLOW_REFUND: refunding.follow,
}
_KEEP: Final = "shop"


@dataclass(frozen=True, slots=True)
class Shops:
    """The shops of this side. `addresses` says where each listener answers."""

    accounts: Accounts
    outlet: Outlet
    addresses: Callable[[], Mapping[str, str]]

    def of(self, account: Account) -> PlayedShop:
        """Return an account's shop."""
        if _KEEP not in account.keeps:
            account.keeps[_KEEP] = self._open(account)
        return cast("PlayedShop", account.keeps[_KEEP])

    def set(self, account: Account, *, flaws: Iterable[str] | None, settings: Mapping[str, object] | None) -> None:
        """Seed these flaws and no others; set these settings over the defaults. Raises `SettingsError`."""
        shop = self.of(account)
        chosen = shop.floor.settings if settings is None else read_settings(settings)
        if flaws is not None:
            wanted = tuple(dict.fromkeys(flaws))
            shop.decisions, shop.flaws = decide(shop.floor, wanted), wanted
        shop.floor.settings = chosen

    def _open(self, account: Account) -> PlayedShop:
        floor = Floor(account, SSLCOMMERZ, self.addresses, self._find_store)
        return PlayedShop(floor, self.outlet, decide(floor, ()), _JOBS)

    def _find_store(self, store: str) -> Keys | None:
        owner = self.accounts.owner_of(SSLCOMMERZ.name, f"store:{store}")
        return None if owner is None else owner.booths[SSLCOMMERZ.name].credentials
