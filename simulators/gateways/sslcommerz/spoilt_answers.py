"""SSLCommerz' answers read back from their bytes, and what they would have told before the last transition."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

from contracts.binding import Answer
from simulators.gateways.gateway import GivenAnswer
from simulators.gateways.sslcommerz import wire

Told = dict[str, Any]

_PAID: Final = ("VALID", "VALIDATED")
# What a session has only since the shopper tried to pay.
_OF_AN_ATTEMPT: Final = (
    *("val_id", "bank_tran_id", "store_amount", "card_type", "card_no", "card_issuer", "card_brand", "card_sub_brand"),
    *("card_issuer_country", "card_issuer_country_code", "card_category", "emi_issuer", "validated_on", "error"),
)


def read_answer(answer: Answer) -> Told | None:
    """Read an answer of ours, in whichever format; None for pages, plain text and what another rule has broken."""
    text = answer.body.decode("utf-8", "replace").lstrip()
    try:
        if text.startswith("{"):
            return cast("Told", json.loads(text))
        return _read_xml(text) if text.startswith("<?xml") else None
    except (ValueError, ET.ParseError):
        return None


def _read_xml(text: str) -> Told:
    told: Told = {}
    for node in ET.fromstring(text):  # noqa: S314  # rendered by ourselves a moment ago
        if node.tag == "element":
            told.setdefault("element", []).append({inner.tag: inner.text or "" for inner in node})
        else:
            told[node.tag] = node.text or ""
    return told


def elements_of(told: Mapping[str, Any]) -> list[Told]:
    """Return the attempts that a query lists."""
    found: Any = told.get("element")
    return cast("list[Told]", found) if isinstance(found, list) else []


def render_answer(given: GivenAnswer, told: Told) -> Answer:
    """Render it anew in the format that was asked for; status, type and headers stay."""
    body = wire.render(told, given.call, media_type=given.answer.media_type or "").body
    return replace(given.answer, body=body)


def older(told: Told, operation: str, words: list[str]) -> Told:
    """Return what was told before; `words` gets what is other, and stays empty where nothing is."""
    status = str(told.get("status", ""))
    if operation.startswith("validateOrder"):
        if status not in _PAID:
            return told
        words.append(f"{status} told as INVALID_TRANSACTION, as before it was paid")
        return {"status": "INVALID_TRANSACTION", "APIConnect": "DONE"}
    if told.get("refund_ref_id"):
        if status not in {"refunded", "cancelled"}:
            return told
        words.append(f"refund {status} told as processing")
        return told | {"status": "processing"} | ({"refunded_on": ""} if "refunded_on" in told else {})
    if "element" in told:
        kept = [before for one in elements_of(told) if (before := _older_session(one, words)) is not None]
        return told | {"element": kept, "no_of_trans_found": len(kept)}
    if "sessionkey" not in told:
        return told
    before = _older_session(told, words)
    unknown = {"APIConnect": "DONE", "status": "INVALID_TRANSACTION", "sessionkey": told["sessionkey"]}
    return unknown if before is None else before


def _older_session(told: Told, words: list[str]) -> Told | None:
    """Return a session as it was before its last transition; None for one that was not there."""
    status = str(told.get("status", ""))
    if status == "INVALID_TRANSACTION":
        return told
    if status == "PENDING":
        words.append("PENDING told as not there yet")
        return None
    words.append(f"{status} told as PENDING")
    blank = {name: "" for name in _OF_AN_ATTEMPT if name in told}
    return told | blank | {"status": "PENDING"}
