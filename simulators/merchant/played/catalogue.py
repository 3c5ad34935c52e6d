"""What the shop sells, and who buys it when a test names nobody: made up from the account's seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from faker import Faker

from simulators.merchant.played.floor import Floor
from simulators.money import Money, parse_money


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on sale."""

    key: str
    name: str
    about: str
    price: Money


_LICENCE: Final = "One seat, for ever, for your garage's diagnosis software."
_ITEMS: Final = (
    Item("licence", "Workshop licence", _LICENCE, parse_money("1250.00", "BDT")),
    Item("manual", "Repair manual", "Every bolt of one model, as a book to download.", parse_money("349.50", "BDT")),
    Item("toolbox", "Toolbox subscription", "A year of updates for three seats.", parse_money("2000.00", "BDT")),
    Item("gift-card", "Gift card", "For somebody abroad, priced in dollars.", parse_money("100.00", "USD")),
)
ITEMS: Final[Mapping[str, Item]] = {item.key: item for item in _ITEMS}
# Bangla names and addresses: what a gateway must carry through every encoding.
_PEOPLE: Final = Faker("bn_BD", use_weighting=False)
_ROUND: Final = 2**31


def make_up_shopper(floor: Floor) -> dict[str, str]:
    """Return a shopper of Bangladesh; the same account and seed give the same ones in the same order."""
    account = floor.account
    _PEOPLE.seed_instance(account.chance.integer(account.name, "shop shopper", below=_ROUND))
    return {
        "name": _PEOPLE.name()[:50],
        "email": f"shopper-{floor.draw('shopper', length=5).lower()}@example.com",
        "phone": f"01{account.chance.integer(account.name, 'shop phone', below=10**9):09d}",
        "address": _PEOPLE.street_address().replace("\n", ", ")[:50],
        "city": _PEOPLE.city()[:50],
        "country": "Bangladesh",
        "postcode": _PEOPLE.postcode()[:30],
    }
