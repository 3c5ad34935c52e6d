"""Simulated gateway accounts. The credentials a call shows say whose world it belongs to; each account is one.

Clock, seed, faults, journal, outbox, orders and effects are an account's own, so that tests run side by side.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from simulators.activity import Activity
from simulators.arrivals import Arrival
from simulators.brought import Brought
from simulators.chance import MIXED, Chance
from simulators.clock import Clock
from simulators.effects import Effects
from simulators.errors import AccountTaken, NoSuchAccount, NotPossible, SettingsError
from simulators.faults.engine import FaultEngine
from simulators.faults.rules import Stage
from simulators.gateways.gateway import Gateway
from simulators.journal import Journal
from simulators.outbox import Outbox
from simulators.timekeeper import Timekeeper

DEFAULT = "default"
ACCOUNTS_MAX = 10_000
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,23}", re.ASCII)


class Keepsake(Protocol):
    """Something that a part of the side keeps with an account, and that is forgotten with its orders."""

    def clear(self) -> None: ...


@dataclass(slots=True)
class Booth:
    """What one account has at one gateway."""

    credentials: Mapping[str, str]
    settings: object
    memory: object


@dataclass(slots=True, eq=False)
class Account:
    """One world."""

    name: str
    clock: Clock
    chance: Chance
    activity: Activity
    journal: Journal
    outbox: Outbox
    faults: FaultEngine
    timekeeper: Timekeeper
    booths: dict[str, Booth]
    effects: Effects = field(default_factory=Effects)
    brought: Brought = field(default_factory=Brought)
    # By the name of whoever keeps it: the played merchant's shop and its receiver.
    keeps: dict[str, Keepsake] = field(default_factory=dict[str, Keepsake])
    # Its requests that are being answered, so that closing the account can end them.
    arrivals: set[Arrival] = field(default_factory=set[Arrival])
    loop: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Run what falls due on the machine's clock; without a running loop a later start does."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop().create_task(self.timekeeper.keep_time())

    async def stop(self) -> None:
        """End everything under way: silent connections are cut, whoever waits on the clock goes on."""
        loop, self.loop = self.loop, None
        if loop is not None:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        self.clock.fire_all()
        for arrival in tuple(self.arrivals):
            if arrival.connection is not None:
                arrival.connection.reset()
        await self.timekeeper.stop()


@dataclass(frozen=True, slots=True)
class Opening:
    """How an account is to be opened. Without `now` it is on the machine's clock; credentials not given are drawn."""

    name: str
    seed: int | None = None
    now: datetime | None = None
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


class Accounts:
    """Every account by name, and the keys (store ids, sessions) by which calls are known to be an account's."""

    def __init__(
        self,
        gateways: Mapping[str, Gateway],
        stages: Sequence[Stage],
        *,
        unclaimed: Activity,
        ordinal: Callable[[], int],
    ) -> None:
        self._gateways = gateways
        self.stages = stages
        self._unclaimed = unclaimed
        self._ordinal = ordinal
        self._accounts: dict[str, Account] = {}
        self._owners: dict[tuple[str, str], Account] = {}
        self.accounts_max = ACCOUNTS_MAX
        # Set once the side runs: accounts opened later start by themselves.
        self.is_running = False

    def open(self, opening: Opening) -> Account:
        """Open a fresh account.

        Raises `AccountTaken`, `SettingsError` for a wrong name or gateway setting, `NotPossible` for one too many.
        """
        if not NAME.fullmatch(opening.name):
            raise SettingsError("name: 1 to 24 lower-case letters, digits and hyphens, beginning with none of the last")
        if opening.name in self._accounts:
            raise AccountTaken(f"there is an account {opening.name!r} already; close it or take another name")
        if len(self._accounts) >= self.accounts_max:
            raise NotPossible(f"a side holds at most {self.accounts_max} accounts; close some")
        unknown = sorted(set(opening.settings) - set(self._gateways))
        if unknown:
            raise SettingsError(f"settings: no gateway {', '.join(unknown)}; there are {', '.join(self._gateways)}")
        account = self._build(opening)
        keys = {
            (name, key)
            for name, gateway in self._gateways.items()
            for key in gateway.keys_of(account.booths[name].credentials)
        }
        if taken := [key for key in keys if key in self._owners]:
            raise AccountTaken(f"{taken[0][1]} belongs to the account {self._owners[taken[0]].name!r} already")
        self._accounts[account.name] = account
        self._owners |= dict.fromkeys(keys, account)
        if self.is_running:
            account.start()
        return account

    def get(self, name: str) -> Account:
        """Return an account. Raises `NoSuchAccount`."""
        if name not in self._accounts:
            raise NoSuchAccount(f"no account is called {name!r}; there are {', '.join(self._accounts)}")
        return self._accounts[name]

    def find(self, name: str) -> Account | None:
        """Return an account, if there is one of that name."""
        return self._accounts.get(name)

    def all(self) -> tuple[Account, ...]:
        """Return every account in order of opening."""
        return tuple(self._accounts.values())

    def owner_of(self, gateway: str, key: str) -> Account | None:
        """Return the account that a key belongs to at a gateway."""
        return self._owners.get((gateway, key))

    def give_key(self, gateway: str, key: str, *, account: Account) -> None:
        """Let calls that show `key` be the account's."""
        self._owners[gateway, key] = account

    def take_key(self, gateway: str, key: str) -> None:
        """Let calls that show `key` be nobody's again."""
        self._owners.pop((gateway, key), None)

    def gateway(self, name: str) -> Gateway:
        """Return what a gateway is played by."""
        return self._gateways[name]

    async def close(self, name: str) -> None:
        """Close an account and forget all that is its own. Raises `NoSuchAccount`."""
        account = self.get(name)
        del self._accounts[name]
        self._owners = {key: owner for key, owner in self._owners.items() if owner is not account}
        await account.stop()

    def reset(self, account: Account) -> None:
        """Forget orders, plans, faults, effects, journal and draws; credentials, settings and the clock stay."""
        lasting = {
            (name, key)
            for name, booth in account.booths.items()
            for key in self._gateways[name].keys_of(booth.credentials)
        }
        self._owners = {key: owner for key, owner in self._owners.items() if owner is not account or key in lasting}
        account.outbox.clear()
        account.faults.clear()
        account.journal.clear()
        account.effects.clear()
        for keepsake in account.keeps.values():
            keepsake.clear()
        account.chance.start_over()
        for name, booth in account.booths.items():
            booth.memory = self._gateways[name].open_memory()

    def _build(self, opening: Opening) -> Account:
        activity = Activity(beside=self._unclaimed)
        clock = Clock(activity, virtual_from=opening.now)
        chance, outbox = Chance(opening.seed), Outbox()
        return Account(
            name=opening.name,
            clock=clock,
            chance=chance,
            activity=activity,
            journal=Journal(clock, self._ordinal, account=opening.name),
            outbox=outbox,
            faults=FaultEngine(opening.name, clock=clock, chance=chance, stages=self.stages),
            timekeeper=Timekeeper(clock, activity, outbox=outbox),
            booths={name: self._booth(gateway, opening, chance) for name, gateway in self._gateways.items()},
        )

    @staticmethod
    def _booth(gateway: Gateway, opening: Opening, chance: Chance) -> Booth:
        settings = gateway.read_settings(opening.settings.get(gateway.name, {}))

        def draw(purpose: str, length: int) -> str:
            return chance.token(opening.name, purpose, length=length, alphabet=MIXED)

        credentials = opening.credentials.get(gateway.name) or gateway.draw_credentials(opening.name, draw)
        return Booth(credentials, settings, gateway.open_memory())
