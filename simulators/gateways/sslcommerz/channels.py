"""The ways to pay that SSLCommerz offers, under the vendor's keys, and which of them a session allows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the checkout page asks for."""

    CARD = "card"
    MOBILE = "mobile"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Channel:
    """What a way to pay looks like on the wire. Fact sheet sections 5 and 10 (B); issuers of wallets and banks are U.

    `keys` are the vendor's further names of it: `cardname` of redirectGatewayURL, `multi_card_name`.
    """

    key: str
    title: str
    gw: str
    card_type: str
    card_brand: str
    card_issuer: str
    card_no: str = ""
    card_sub_brand: str = "Classic"
    card_category: str = "CREDIT"
    keys: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What is to be typed in for it."""
        return {"mobilebanking": Kind.MOBILE, "internetbanking": Kind.BANK}.get(self.gw, Kind.CARD)


GROUPS = ("visa", "master", "amex", "othercards", "internetbanking", "mobilebanking")
# The groups of multi_card_name (B) and the names of the same in `gw`.
_GROUP_OF = {
    "visacard": "visa",
    "mastercard": "master",
    "amexcard": "amex",
    "othercard": "othercards",
    "internetbank": "internetbanking",
    "mobilebank": "mobilebanking",
}


def _wallet(key: str, title: str, *, issuer: str, card_type: str) -> Channel:
    return Channel(key, title, "mobilebanking", card_type, "MOBILEBANKING", issuer, "", "", "MOBILE")


def _bank(key: str, title: str) -> Channel:
    return Channel(key, title, "internetbanking", f"{key.upper()}-{title}", "IB", title, "", "", "IB")


CHANNELS: Mapping[str, Channel] = {
    channel.key: channel
    for channel in (
        Channel(
            *("visa", "VISA", "visa", "VISA-Dutch Bangla", "VISA", "TRUST BANK, LTD.", "411111XXXXXX1111"),
            keys=("city_visa", "ebl_visa", "brac_visa", "dbbl_visa", "sbl_visa", "visacard"),
        ),
        Channel(
            *("master", "Mastercard", "master", "MASTER-Dutch Bangla", "MASTER", "TRUST BANK, LTD."),
            "511111XXXXXX1111",
            keys=("city_master", "ebl_master", "brac_master", "dbbl_master", "sbl_master", "mastercard"),
        ),
        Channel(
            *("amex", "American Express", "amex", "AMEX-City Bank", "AMEX", "CITY BANK, LTD.", "371111XXXXX1111"),
            keys=("city_amex", "amexcard"),
        ),
        _wallet("bkash", "bKash", issuer="BKash Mobile Banking", card_type="BKASH-BKash"),
        _wallet("nagad", "Nagad", issuer="Nagad Mobile Banking", card_type="NAGAD-Nagad"),
        _wallet(
            *("dbblmobilebanking", "Dbbl Mobile Banking"),
            issuer="DBBL Mobile Banking",
            card_type="DBBLMOBILEB-Dbbl Mobile Banking",
        ),
        _wallet("upay", "upay", issuer="Upay Mobile Banking", card_type="UPAY-upay"),
        _wallet("tapnpay", "tap", issuer="Tap Mobile Banking", card_type="TAPNPAY-tap"),
        Channel(
            *("dbbl_nexus", "DBBL Nexus", "othercards", "NEXUS-Dutch Bangla", "NEXUS", "DUTCH BANGLA BANK, LTD."),
            "601111XXXXXX1117",
        ),
        Channel("qcash", "Q-Cash", "othercards", "QCASH-Q-Cash", "QCASH", "Q-CASH", "606111XXXXXX1118"),
        _bank("city", "City Touch"),
        _bank("bankasia", "Bank Asia"),
        _bank("abbank", "AB Bank"),
        _bank("ibbl", "Islami Bank"),
        _bank("mtbl", "Mutual Trust Bank"),
    )
}
_BY_ANY_KEY = {key: channel for channel in CHANNELS.values() for key in (channel.key, *channel.keys)}


def find_channel(key: str) -> Channel | None:
    """Return the channel of a key, ours or one of the vendor's."""
    return _BY_ANY_KEY.get(key.strip().lower())


def allowed_channels(fields: Mapping[str, str]) -> tuple[Channel, ...]:
    """Return the channels that a session offers: those in multi_card_name, and cards alone under emi_allow_only.

    Names that nobody knows are ignored; where none is left all are offered (U).
    """
    wanted = [word for word in re.split(r"[,\s]+", fields.get("multi_card_name", "").lower()) if word]
    groups = {_GROUP_OF[word] for word in wanted if word in _GROUP_OF}
    keys = {channel.key for word in wanted if (channel := find_channel(word)) is not None}
    chosen = [one for one in CHANNELS.values() if one.key in keys or one.gw in groups] or list(CHANNELS.values())
    if fields.get("emi_option") == "1" and fields.get("emi_allow_only") == "1":
        chosen = [one for one in chosen if one.kind is Kind.CARD] or chosen
    return tuple(chosen)


def is_allowed_bin(fields: Mapping[str, str], card_no: str) -> bool:
    """Say whether a card may be used: without allowed_bin any may, else one that begins with any of its numbers."""
    bins = [word for word in re.split(r"[,\s]+", fields.get("allowed_bin", "")) if word.isdigit()]
    return not bins or any(card_no[:6].startswith(one[:6]) for one in bins)


def vendor_keys(channel: Channel) -> tuple[str, ...]:
    """Return the names under which `gw` lists a channel."""
    return channel.keys or (channel.key,)
