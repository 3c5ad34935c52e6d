"""Reads an IPN, once decoded, into our words. What it says is believed only after the validation call."""

from collections.abc import Mapping
from hashlib import sha256

from reference_server.errors import GatewayNonsenseError
from reference_server.gateways.gateway import GatewayNotification
from reference_server.gateways.sslcommerz.authenticity import base_string
from reference_server.gateways.sslcommerz.states import word_of_status


def read_ipn(fields: Mapping[str, str]) -> GatewayNotification:
    """Read the IPN. Raises `GatewayNonsenseError` for a status that SSLCommerz does not send."""
    word = word_of_status(fields.get("status", ""))
    if word is None:
        raise GatewayNonsenseError("status is none that SSLCommerz sends")
    return GatewayNotification(
        word=word,
        reference=fields.get("tran_id", ""),
        gateway_reference=fields.get("val_id", ""),
        identity=_identify(fields),
        reason=fields.get("error", ""),
    )


def _identify(fields: Mapping[str, str]) -> str:
    # An IPN has no event id (fact sheet 11.3): only the same fields with the same values are the same notification.
    # Where it is signed, what is under the sign alone: whoever has one, as the shopper's browser has, could else make
    # any number of others of it, by fields beside the sign or by parting the signed bytes otherwise.
    if "verify_key" in fields:
        names = {name for name in fields["verify_key"].split(",") if name in fields}
        return sha256(base_string({name: fields[name] for name in names}, "").encode()).hexdigest()
    told = "\x1e".join(f"{name}\x1f{fields[name]}" for name in sorted(fields))
    return sha256(told.encode()).hexdigest()
