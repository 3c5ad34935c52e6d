"""SSLCommerz' refusals, in its own words and with HTTP 200. Which text is how sure: fact sheet sections 3 and 7."""

from pathlib import Path

from contracts.binding import Answer, Call, Refusal, RefusalKind
from simulators.gateways.gateway import show_page
from simulators.gateways.sslcommerz import wire
from simulators.gateways.sslcommerz.offences import find_offence
from simulators.gateways.sslcommerz.settings import Settings

# Conf A/B: libraries match on "Store Credential". Also what an unreadable body gets.
CREDENTIALS = "Store Credential Error Or Store is De-active"
# Operations that no account is asked for.
ANYBODYS = frozenset({"probeTls", "showIndex", "loadPopup"})
_HTML = "text/html; charset=UTF-8"
_NO_SESSION = "This payment page does not exist, or no more. Go back to the shop and begin anew."
_NO_PAGE = "The simulated SSLCommerz has no such page; see contracts/gateways/sslcommerz/quirks.md."
_NO_METHOD = "This address takes another method."
_POPUP = (Path(__file__).resolve().parent / "embed.min.js").read_bytes()


def unauthentic(call: Call, media_type: str = _HTML) -> Answer:
    """Answer a call whose credentials are nobody's: a wrong password and an unknown store read the same."""
    if _opens_session(call):
        return wire.render_failed_session(CREDENTIALS, media_type)
    # Conf C for the pair of both words, fact sheet section 7.
    return unconnected(call, media_type, word="FAILED")


def inactive(call: Call, media_type: str) -> Answer:
    """Answer a call of a store that was switched off."""
    if _opens_session(call):
        return wire.render_failed_session(CREDENTIALS, media_type)
    return unconnected(call, media_type, word="INACTIVE")


def invalid_request(call: Call, media_type: str) -> Answer:
    """Answer a validator call whose parameters say nothing."""
    return unconnected(call, media_type, word="INVALID_REQUEST")


def unconnected(call: Call, media_type: str, *, word: str) -> Answer:
    """Answer a validator call that came to nothing, with this APIConnect."""
    told = {"APIConnect": word, **({"status": "INVALID_TRANSACTION"} if _validates(call) else {})}
    return wire.render(told, call, media_type=media_type)


def stranger(call: Call) -> Answer:
    """Answer a call that no account owns."""
    if call.operation.operation_id == "probeTls":
        return Answer.text(200, "TLS is okay")
    if call.operation.operation_id == "showIndex":
        return show_page("sslcommerz_index.html", {})
    if call.operation.operation_id == "loadPopup":
        return Answer(200, _POPUP, "text/javascript; charset=utf-8")
    if "pages" in call.operation.tags:
        return _tell_shopper("Invalid session", _NO_SESSION)
    return unauthentic(call)


def refuse(refusal: Refusal) -> Answer:
    """Word what the binding kit would not let through. Of a script that was named, the answer is 200 all the same."""
    call = refusal.call
    if refusal.kind is RefusalKind.NOT_FOUND:
        return _tell_shopper("Not Found", _NO_PAGE, status=404)
    if call is None:
        return _tell_shopper("Method Not Allowed", _NO_METHOD, status=405)
    if "pages" in call.operation.tags:
        return _tell_shopper("Invalid session", _NO_SESSION)
    if not _opens_session(call):
        return invalid_request(call, _HTML)
    if refusal.kind is not RefusalKind.INVALID:
        return wire.render_failed_session(CREDENTIALS, _HTML)
    missing = find_offence(wire.read_fields(call), Settings())
    broken = refusal.violations[0].pointer.strip("/") if refusal.violations else "body"
    return wire.render_failed_session(missing or f"Invalid Information! '{broken}' is invalid.", _HTML)


def _tell_shopper(title: str, about: str, *, status: int = 200) -> Answer:
    values = {"place": "Simulated SSLCommerz", "title": title, "about": about, "home": ""}
    return show_page("notice.html", values, status=status)


def _opens_session(call: Call) -> bool:
    return call.operation.operation_id == "createSession"


def _validates(call: Call) -> bool:
    return call.operation.operation_id.startswith("validateOrder")
