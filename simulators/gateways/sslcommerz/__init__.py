"""SSLCommerz v4, played: hosted checkout settled by an IPN that the merchant confirms with the validation script."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simulators.gateways.gateway import Gateway
from simulators.gateways.sslcommerz import api, authenticity, errors, memory, notifications, settings, spoiling, staff

_DOCUMENT = Path(__file__).resolve().parents[3] / "contracts" / "gateways" / "sslcommerz" / "openapi.yaml"


def _draw_credentials(account: str, draw: Callable[[str, int], str]) -> Mapping[str, str]:
    # Sandbox stores look like <store_id>@ssl (fact sheet section 1, B); what is drawn keeps two accounts apart.
    store = f"gw{account}"
    return {"store_id": store, "store_passwd": f"{store[:8]}{draw('store_passwd', 12)}@ssl"}


def _keys_of(credentials: Mapping[str, str]) -> Sequence[str]:
    return (f"store:{credentials['store_id']}",)


GATEWAY = Gateway(
    name="sslcommerz",
    document=_DOCUMENT,
    # Sandbox, live, and the popup script's live host (fact sheet section 1, A).
    hosts=("sandbox.sslcommerz.com", "securepay.sslcommerz.com", "seamless-epay.sslcommerz.com"),
    events=("ipn",),
    secret_fields=frozenset({"store_passwd", "pan", "cvv", "otp"}),
    pages=frozenset({"showCheckout", "chooseOutcome", "payByCard", "payByMobile", "confirmOtp"}),
    handlers=api.HANDLERS,
    draw_credentials=_draw_credentials,
    keys_of=_keys_of,
    read_settings=settings.read_settings,
    open_memory=memory.Memory,
    identify=authenticity.identify,
    judge=authenticity.judge,
    stranger=errors.stranger,
    refuse=errors.refuse,
    subject_of=api.subject_of,
    play=api.play,
    act=staff.act,
    trigger=notifications.send_wished,
    list_orders=api.list_orders,
    spoiler=spoiling.SslcommerzSpoiler(),
)

__all__ = ["GATEWAY"]
