"""What the control plane's operations work on, and how they find the account meant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.binding import Call
from simulators.accounts import DEFAULT, Account, Accounts
from simulators.answering import desks_of
from simulators.desk import AccountDesk, Surroundings
from simulators.errors import SettingsError
from simulators.gateways.gateway import Gateway
from simulators.merchant.played.backend import Shops
from simulators.settings import Settings

# What lies outside leaves no room for schedules of years on either side of it.
_YEARS = (1970, 2999)


def read_instant(text: str) -> datetime:
    """Read an instant that the document has let through. Raises `SettingsError` for one at the calendar's end."""
    instant = datetime.fromisoformat(text)
    return within_calendar(instant)


def within_calendar(instant: datetime) -> datetime:
    """Return the instant. Raises `SettingsError` for one that clocks here do not reach."""
    if not _YEARS[0] <= instant.year <= _YEARS[1]:
        raise SettingsError(f"clocks go from the year {_YEARS[0]} to {_YEARS[1]}")
    return instant


@dataclass(frozen=True, slots=True)
class Side:
    """The whole side, as far as the control plane may reach."""

    settings: Settings
    accounts: Accounts
    gateways: Mapping[str, Gateway]
    surroundings: Surroundings
    shops: Shops
    # Where each listener answers, by name; known once somebody listens.
    addresses: Callable[[], Mapping[str, str]]
    is_ready: Callable[[], bool]

    def account_of(self, call: Call) -> Account:
        """Return the account that a call names. Raises `NoSuchAccount`."""
        return self.accounts.get(str(call.query.get("account", DEFAULT)))

    def desk_of(self, account: Account, gateway: str) -> AccountDesk:
        """Return the account's desk at a gateway."""
        return desks_of(account, self.gateways, self.surroundings)[gateway]
