"""What an account may set of SSLCommerz: all that the fact sheet marks U (unverified), with the sheet's default."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Literal, cast

import msgspec

from simulators.errors import SettingsError
from simulators.gateways.gateway import Desk
from simulators.money import EXPONENTS

Seconds = Annotated[float, msgspec.Meta(gt=0, le=10**9)]
Permyriad = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Taka = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?\Z")]
MediaType = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+/[a-zA-Z0-9.+-]+(; ?[a-z]+=[a-zA-Z0-9-]+)?\Z")]
Rate = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}\.[0-9]{4}\Z")]


class Stamps(Enum):
    """Whose time the dates and ids on the wire show."""

    PRODUCT = "product"
    WALL = "wall"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of one account. `quirks.md` says what is known of each."""

    # How long the shopper has; then the session is UNATTEMPTED (the page was seen) or EXPIRED.
    session_seconds: Seconds = 1800
    expiry_sends_ipn: bool = True
    cancel_sends_ipn: bool = True
    # Whether a session that failed may be tried again by the shopper, or the merchant has to open another.
    retry_in_session: bool = False
    # `wall` for a foreign shop that holds dates to its own clock. SSLCommerz signs no time, so `product` stands here.
    stamps: Stamps = Stamps.PRODUCT
    # Where IPNs go for a session without ipn_url: the address that a merchant sets in the panel.
    panel_ipn_url: str = ""
    # Which of the two addresses is told where both are there.
    ipn_goes_to: Literal["session", "panel", "both"] = "session"
    ipn_limit_seconds: Seconds = 5
    ipn_retries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    ipn_retry_seconds: Seconds = 60
    # Names that IPN and return lack: in 2020 `error` and `card_sub_brand` were not there yet.
    ipn_leaves_out: tuple[str, ...] = ()
    ipn_tells_emi: bool = False
    # Amounts as `69` and `97.5`, as one capture each has them.
    amounts_drop_zeros: bool = False
    store_amount_drops_zeros: bool = False
    # Fields demanded besides those that every integration sends.
    required_fields: tuple[str, ...] = ()
    num_of_item_required: bool = True
    emi_option_required: bool = False
    refuse_over_long_fields: bool = False
    least_amount: Taka = "10.00"
    most_amount: Taka = "500000.00"
    reuse_paid_tran_id: bool = False
    # Refusals of which no text is on record.
    amount_reason: str = "Invalid Information! 'total_amount' must be between 10.00 and 500000.00 BDT."
    currency_reason: str = "Invalid Information! 'currency' is not supported."
    over_long_reason: str = "Invalid Information! '{field}' is longer than {length} characters."
    reused_reason: str = "Invalid Information! 'tran_id' is already used for a successful transaction."
    failed_session_keeps_keys: bool = True
    gateway_page: Literal["easy_checkout", "v3"] = "easy_checkout"
    json_body_accepted: bool = False
    answer_media_type: MediaType = "text/html; charset=UTF-8"
    # BDT for one unit of the currency, four decimals.
    rates: Mapping[str, Rate] = msgspec.field(
        default_factory=lambda: {
            "USD": "121.6000",
            "EUR": "132.4000",
            "SGD": "90.1000",
            "INR": "1.4200",
            "MYR": "27.3000",
        }
    )
    # What of 10,000 paisa reaches the merchant.
    store_amount_permyriad: Permyriad = 9750
    # What of 10,000 paisa is told as the discount of a card payment; `amount` stays as it was asked.
    discount_permyriad: Permyriad = 0
    discount_remarks: str = ""
    emi_months_max: Annotated[int, msgspec.Meta(ge=3, le=60)] = 36
    # The checkout page.
    expiries_accepted: tuple[str, ...] = ("12/26", "12/25")
    otps: tuple[str, ...] = ("111111", "123456")
    any_otp: bool = False
    cards_need_otp: bool = False
    risky_title: str = "Risky"
    release_sends_ipn: bool = True
    refusal_sends_ipn: bool = True
    refused_reason: str = "Transaction is refused by the risk team"
    # What validation says of a payment whose risk was refused.
    refused_validates_as: Literal["INVALID_TRANSACTION", "FAILED"] = "INVALID_TRANSACTION"
    # What the validator scripts and the query say of any call: a store of the other host, or one that was never there.
    validator_says: Literal["", "FAILED", "INACTIVE", "INVALID_REQUEST"] = ""
    first_validation: Literal["VALID", "VALIDATED"] = "VALID"
    elements_newest_first: bool = True
    empty_element: Literal["list", "string", "absent"] = "list"
    refund_seconds: Seconds = 60
    # `settled`: refund_amount is in BDT, as `amount` is; `asked`: in the currency of the session.
    refund_currency: Literal["settled", "asked"] = "settled"
    refund_trans_id_required: bool = False
    # The npm packages write the word `undefined` where no refe_id was given.
    undefined_refe_id_is_none: bool = True
    # Addresses that may refund; none named: all may.
    refund_ips: tuple[str, ...] = ()
    refund_ip_reason: str = "Your IP is not registered for refund"
    refund_amount_reason: str = "Refund amount exceeds the available amount"
    refund_unknown_reason: str = "Transaction not found"
    refund_trans_id_reason: str = "refund_trans_id is missing"
    store_is_active: bool = True
    store_name: str = "Demo"


def read_settings(given: Mapping[str, object]) -> Settings:
    """Read an account's settings. Raises `SettingsError` that names the wrong one and what there is."""
    try:
        read = msgspec.convert(dict(given), Settings, strict=False)
    except msgspec.ValidationError as wrong:
        known = ", ".join(Settings.__struct_fields__)
        raise SettingsError(f"settings of sslcommerz: {wrong}; there are {known}") from None
    if unknown := sorted(set(read.rates) - set(EXPONENTS)):
        raise SettingsError(f"settings of sslcommerz: rates of {', '.join(unknown)}; there are {', '.join(EXPONENTS)}")
    return read


def settings_of(desk: Desk) -> Settings:
    """Return the account's settings: what `read_settings` made."""
    return cast("Settings", desk.settings)


def stamp_now(desk: Desk) -> datetime:
    """Return the instant that dates and ids on the wire show, by the setting `stamps`."""
    return desk.wall() if settings_of(desk).stamps is Stamps.WALL else desk.now()
