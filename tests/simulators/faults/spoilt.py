"""What tests of faults spoil: a paid session of the account `default`, its IPN, and the place where faults strike."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from simulators.accounts import Accounts, Opening
from simulators.activity import Activity
from simulators.desk import AccountDesk, Surroundings
from simulators.faults import FAULTS
from simulators.faults.fault import Place
from simulators.faults.parameters import read_values
from simulators.faults.plan import Plan, PlannedSend
from simulators.faults.values import Values
from simulators.gateways.gateway import Notification
from simulators.gateways.registry import GATEWAYS
from simulators.gateways.sslcommerz.authenticity import prove
from simulators.gateways.sslcommerz.wire import in_order, render_form
from simulators.network import Network
from simulators.redaction import Redaction
from simulators.sender import Sender

START = datetime(2031, 5, 1, tzinfo=UTC)
PASSWORD = "qwerty"
FIELDS = {
    "amount": "1250.00",
    "bank_tran_id": "310501060000ABCDEFGHIJKLMNO",
    "currency": "BDT",
    "currency_amount": "1250.00",
    "currency_rate": "1.0000",
    "currency_type": "BDT",
    "error": "",
    "status": "VALID",
    "store_id": "testbox",
    "tran_date": "2031-05-01 06:00:00",
    "tran_id": "ORDER-1",
    "val_id": "310501060000PQRSTUVWXYZabcd",
    "value_a": " kept  as it is ",
}
IN_DOLLARS = {"amount": "1216.00", "currency_amount": "10.00", "currency_rate": "121.6000", "currency_type": "USD"}

Setting = float | bool | str
NO_SETTINGS: Mapping[str, Setting] = {}


def an_ipn(**fields: str) -> Notification:
    """Return a rightly proven IPN."""
    told = FIELDS | fields
    body, media_type = render_form(in_order(told | prove(told, PASSWORD)))
    return Notification("ipn", "ORDER-1", "http://shop.test/ipn", body, media_type, 5)


def a_send(**fields: str) -> PlannedSend:
    """Return a planned send of it."""
    return PlannedSend(START, an_ipn(**fields))


def fields_of(send: PlannedSend) -> dict[str, str]:
    """Read what a send would bring."""
    return dict(parse_qsl(send.notification.body.decode(), keep_blank_values=True))


def is_proven(send: PlannedSend, password: str = PASSWORD) -> bool:
    """Judge a send as a merchant would: by the three verify fields, made anew."""
    fields = fields_of(send)
    business = {name: value for name, value in fields.items() if not name.startswith("verify_")}
    return prove(business, password).items() <= fields.items()


def a_place(seed: int = 7) -> Place:
    """Return the place of the account `default`."""
    accounts = Accounts(GATEWAYS, (), unclaimed=Activity(), ordinal=itertools.count(1).__next__)
    credentials = {"sslcommerz": {"store_id": "testbox", "store_passwd": PASSWORD}}
    account = accounts.open(Opening("default", seed, START, credentials=credentials))
    network = Network({})
    around = Surroundings(accounts, network, Sender(network, Redaction(())), {})
    return AccountDesk(account, "sslcommerz", around).place


def values_of(name: str, given: Mapping[str, Setting]) -> Values:
    """Read settings as a rule would have them."""
    values, mistakes = read_values(FAULTS[name], given, pointer="")
    assert mistakes == []
    return values


@dataclass(slots=True)
class Bench:
    """Strikes plans with faults, one place for all."""

    place: Place

    def spoil(self, plan: Plan, *faults: str | tuple[str, Mapping[str, Setting]]) -> Plan:
        """Strike in the order given."""
        for fault in faults:
            name, given = (fault, NO_SETTINGS) if isinstance(fault, str) else fault
            plan = FAULTS[name].spoil(plan, values_of(name, given), place=self.place)
        return plan

    def one(self, name: str, *, send: PlannedSend | None = None, **given: Setting) -> PlannedSend:
        """Strike one send with one fault that leaves one."""
        [spoilt] = self.spoil([send or a_send()], (name, given))
        return spoilt
