"""Both sides' word on the hosted-page orders of one life, for the promises of `contracts/checks`."""

from collections import Counter
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any, cast

from contracts.checks import GatewayOrder, MerchantOrder, Provisioned, Truth
from contracts.checks.asking import object_of
from tests.properties.life import Life, MerchantEnd
from tests.reference_server.scripted import ScriptedGateway

_ASKS = frozenset({"FAILED", "NEEDS_REVIEW"})


def truth_of(life: Life, orders: list[Mapping[str, Any]]) -> Truth:
    """Lay what the server says of its orders beside what the scripted gateway took and the merchant's end did."""
    known = {sale.tran_id for sale in life.gateway.all_sales()}
    merchant = [_of_merchant(one) for one in orders if one["order"] in known]
    is_owed = {one.order for one in merchant if one.fulfilment in {"OWED", "RETRYING"}}
    return Truth(merchant, _of_gateway(life.gateway), _provisioned(life.end, known), owed=frozenset(is_owed))


def _of_merchant(one: Mapping[str, Any]) -> MerchantOrder:
    refunds = cast("list[Mapping[str, Any]]", one["refunds"])
    return MerchantOrder(
        one["order"],
        one["amount_minor"],
        one["currency"],
        one["state"],
        one["fulfilment"],
        captured_minor=one["captured_minor"],
        refunded_minor=one["refunded_minor"],
        refunding_minor=one["refunds_pending_minor"],
        asks_about_refunds=any(refund["state"] in _ASKS for refund in refunds),
    )


def _of_gateway(gateway: ScriptedGateway) -> list[GatewayOrder]:
    """Return what really moved, a row for each session."""
    return [
        GatewayOrder(
            sale.tran_id,
            _minor(Decimal(sale.amount)),
            sale.currency,
            sale.status,
            captured_minor=_minor(Decimal(sale.amount)) if sale.val_id else 0,
            refunded_minor=sum(
                _minor(one.amount)
                for one in gateway.refunds.values()
                if sale.val_id and one.bank_tran_id == gateway.bank_tran_id(sale) and one.status != "cancelled"
            ),
        )
        for sale in gateway.all_sales()
    ]


def _provisioned(end: MerchantEnd, known: Container[str]) -> list[Provisioned]:
    named = {key: str((object_of(body) or {})["order"]) for key, body in end.calls}
    calls = Counter(key for key, _ in end.calls)
    return [
        Provisioned(key, order, calls[key], done=end.effects[key] > 0) for key, order in named.items() if order in known
    ]


def _minor(amount: Decimal) -> int:
    return int(amount * 100)
