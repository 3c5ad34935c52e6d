"""What the shop stands on: its rows, its memory, its settings, its account's time and chance. No rule lives here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from simulators.accounts import Account
from simulators.merchant.played.model import Rows
from simulators.merchant.played.seam import Adapter, Keys
from simulators.merchant.played.settings import ShopSettings

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(slots=True)
class Memory:
    """What a process knows until it ends. The right shop keeps nothing here that matters."""

    seen: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass(slots=True)
class Floor:
    """One account's shop, as far as things go."""

    account: Account
    adapter: Adapter
    addresses: Callable[[], Mapping[str, str]]
    # The credentials of any store on this side: what a marketplace holds for all its sellers.
    find_store: Callable[[str], Keys | None]
    settings: ShopSettings = field(default_factory=ShopSettings)
    rows: Rows = field(default_factory=Rows)
    memory: Memory = field(default_factory=Memory)
    # Counts starts of the shop: what was under way in an earlier one may change nothing any more.
    incarnation: int = 0

    @property
    def keys(self) -> Keys:
        """The shop's own credentials with the gateway."""
        return {**self.account.booths[self.adapter.name].credentials, **self.settings.credentials}

    def now(self) -> datetime:
        """Return the account's instant."""
        return self.account.clock.now()

    def draw(self, purpose: str, *, length: int = 12) -> str:
        """Draw an id."""
        return self.account.chance.token(self.account.name, f"shop {purpose}", length=length, alphabet=_ALPHABET)

    def address(self, listener: str) -> str:
        """Return where a listener of this side answers; empty while nobody listens."""
        return self.addresses().get(listener, "")

    @property
    def own_address(self) -> str:
        """The shop's address, below which everything of this account's is."""
        return f"{self.address('merchant')}/{self.account.name}"
