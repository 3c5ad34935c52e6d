"""Where a shopper may be found in the tables, and what becomes of each place when they are erased.

Every column that can hold text, of every table, is named here: a test sees to it, so that a new one is thought about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reference_server.audit import AuditLine
from reference_server.columns import Row
from reference_server.fulfilment.model import Fulfilment
from reference_server.notifications.inbox import InboxNotification
from reference_server.orders.model import Order
from reference_server.payments.model import GatewayAnswer, GatewayOrder, Payment, PaymentAttempt
from reference_server.privacy.blanking import (
    Blank,
    members_without_values,
    money_facts,
    no_bytes,
    no_members,
    no_text,
    no_text_if_any,
    own_words,
    said_so,
    told_without_shopper,
)
from reference_server.refunds.model import Refund
from reference_server.webhooks.model import Delivery, DeliveryAttempt, WebhookEvent


@dataclass(frozen=True, slots=True)
class Place:
    """One table: by which column its rows hang on an order, or on what hangs on one, and what goes of them.

    `kept` are the other columns of text; together with numbers and instants they are the record of the money.
    `hidden` of these is nobody's to read. `hook` says by which column further tables hang on which of this one's.
    """

    row: type[Row]
    by: str
    blanks: Mapping[str, Blank]
    kept: frozenset[str]
    hidden: frozenset[str] = field(default_factory=frozenset[str])
    hook: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.row.__tablename__)


def _kept(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Each behind those that its rows hang on.
PLACES = (
    # What was sold, for how much, and under which number of the merchant's: the invoice.
    Place(
        Order,
        "id",
        {"shopper": members_without_values, "chassis_no": no_text, "receipt": no_text, "notes": no_members},
        _kept("id merchant_id reference currency items product_key"),
    ),
    Place(
        Payment,
        "order_id",
        {"instrument": no_members, "notes": no_members, "error_description": no_text},
        _kept(
            "id order_id merchant_id gateway session_id method asked error_code state paid_by tracking_digest"
            " told_status"
        ),
        _kept("tracking_digest"),
        hook=("payment_id", "id"),
    ),
    Place(
        PaymentAttempt,
        "payment_id",
        {"reason": said_so, "evidence": money_facts},
        _kept(
            "id payment_id merchant_id gateway gateway_reference state taken_currency settled_currency money_reference"
        ),
    ),
    Place(GatewayAnswer, "payment_id", {"answer": money_facts, "cause": own_words}, _kept("payment_id")),
    # Whoever has the page's address sees there who was to pay.
    Place(GatewayOrder, "payment_id", {"page_url": no_text}, _kept("payment_id session_key")),
    Place(
        InboxNotification,
        "payment_id",
        {"raw": no_bytes, "reason": said_so, "evidence": money_facts},
        _kept("id payment_id identity state word gateway_reference media_type"),
    ),
    Place(Fulfilment, "order_id", {"answer": no_text}, _kept("order_id key state")),
    Place(
        Refund,
        "order_id",
        {"reason": said_so, "evidence": money_facts, "failure": said_so},
        _kept(
            "id order_id payment_id attempt_id merchant_id gateway reference cause currency settled_currency state"
            " gateway_key gateway_reference"
        ),
    ),
    Place(
        AuditLine,
        "order_id",
        {"cause": own_words},
        _kept("order_id resource resource_id before after event payment_id"),
    ),
    Place(
        WebhookEvent,
        "payment_id",
        {"body": told_without_shopper},
        _kept("id merchant_id kind payment_id refund_id subject"),
        hook=("event_id", "id"),
    ),
    Place(
        Delivery,
        "event_id",
        {"response_body": no_text_if_any},
        _kept("id event_id endpoint_id merchant_id kind state ended"),
        hook=("delivery_number", "number"),
    ),
    Place(DeliveryAttempt, "delivery_number", {"response_body": no_text_if_any}, _kept("end")),
)
PLACE_OF: Mapping[type[Row], Place] = {place.row: place for place in PLACES}

# Tables of merchants and machines, and the keys of merchants' requests, whose answers are blanked by what they tell.
OF_NO_SHOPPER = frozenset(
    (
        *("endpoints", "endpoint_secrets", "gateway_accounts", "incarnations", "jobs", "job_counts", "job_workers"),
        *("merchants", "retired_credentials", "idempotency_keys"),
    )
)

# What stays and why, as whoever asks for an erasure is told.
KEPT = (
    "orders, payments, refunds: ids, sums, currencies, states and times, and what was sold; books are kept for tax law",
    "gateways' answers: their ids and sums of the money; the proof of what was paid and given back",
    "the audit trail: what changed when, and why in our own words; the proof that nothing was left out",
    "backups, and PostgreSQL's own log, until they are cut; see reference_server/privacy/README.md",
)


def goes() -> list[str]:
    """Return what goes, as table.column."""
    return sorted(f"{place.name}.{column}" for place in PLACES for column in place.blanks)


def blank_row(row: Row) -> bool:
    """Take out of a row what is not kept; say whether that changed it."""
    changed = False
    for column, blank in PLACE_OF[type(row)].blanks.items():
        before = getattr(row, column)
        after = blank(before)
        if after != before:
            setattr(row, column, after)
            changed = True
    return changed
