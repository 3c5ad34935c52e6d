"""A gateway and a provisioning system that do what a test tells them, behind httpx's own seam: no sockets, no clock.

Written from the fact sheet of SSLCommerz alone; nothing of the server's signing or parsing is used.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5, sha256
from urllib.parse import parse_qs, urlencode

import httpx

GATEWAY_URL = "http://sslcommerz.test"
PROVISIONING_URL = "http://merchant.test/provision"
STORE_ID, STORE_PASSWD = "testbox", "qwerty"

Fields = dict[str, str]


class Killed(BaseException):
    """What a test raises where the process is to die: nothing of ours catches it."""


@dataclass(slots=True)
class Sale:
    """The gateway's record of one session."""

    tran_id: str
    amount: str
    currency: str
    session_key: str
    form: Fields
    status: str = "PENDING"
    val_id: str = ""
    risk_level: str = "0"
    told: Fields = field(default_factory=dict[str, str])


def signed(fields: Fields, *, passwd: str = STORE_PASSWD) -> Fields:
    """Return the fields with verify_key and both signs (fact sheet 6)."""
    names = sorted(fields)
    proven = dict(fields)
    for sign, digest in (("verify_sign", md5), ("verify_sign_sha2", sha256)):
        base = {**fields, "store_passwd": digest(passwd.encode()).hexdigest()}
        text = "&".join(f"{name}={base[name]}" for name in sorted(base))
        proven[sign] = digest(text.encode()).hexdigest()
    proven["verify_key"] = ",".join(names)
    return proven


@dataclass
class ScriptedGateway:
    """Sessions, validation, queries. `script` holds what goes wrong next, by operation, in order."""

    sales: dict[str, Sale] = field(default_factory=dict[str, Sale])
    script: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    calls: Counter[str] = field(default_factory=Counter[str])
    validated: Counter[str] = field(default_factory=Counter[str])
    on_call: Callable[[str], None] = lambda _: None

    def pay(self, tran_id: str, **told: str) -> Fields:
        """Take the money for a session and return the signed IPN; `told` overrides what is said of it everywhere."""
        sale = self.sales[tran_id]
        sale.status = "VALID"
        sale.val_id = told.pop("val_id", f"2601011200{len(self.validated):02d}SIM{tran_id}"[:50])
        sale.risk_level = told.pop("risk_level", "0")
        sale.told = told
        return signed(self.describe(sale))

    def end(self, tran_id: str, status: str, *, error: str = "") -> Fields:
        """End a session without money and return the signed IPN."""
        sale = self.sales[tran_id]
        sale.status = status
        fields = self.describe(sale) | {"error": error}
        for absent in ("val_id", "risk_level"):
            del fields[absent]
        return signed(fields)

    def describe(self, sale: Sale) -> Fields:
        """Return what is said of a sale."""
        return {
            "status": sale.status,
            "tran_id": sale.tran_id,
            "val_id": sale.val_id,
            "amount": sale.amount,
            "currency": "BDT",
            "currency_type": sale.currency,
            "currency_amount": sale.amount,
            "risk_level": sale.risk_level,
            "store_id": STORE_ID,
            "tran_date": "2030-01-01 06:01:00",
            "value_a": sale.form.get("value_a", ""),
            **sale.told,
        }

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one call, as the script says first."""
        operation = {
            "/gwprocess/v4/api.php": "createSession",
            "/validator/api/validationserverAPI.php": "validateOrder",
            "/validator/api/merchantTransIDvalidationAPI.php": "queryTransaction",
        }[request.url.path]
        self.calls[operation] += 1
        self.on_call(f"before {operation}")
        fault = self.script[operation].pop(0) if self.script[operation] else ""
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "unreachable":
            raise httpx.ConnectError("refused")
        if fault.startswith("HTTP"):
            return httpx.Response(int(fault.split()[1]), text="<html>trouble</html>")
        work = self._work(operation, request)
        answer = fault.removeprefix("says ") if fault.startswith("says ") else json.dumps(work)
        self.on_call(f"after {operation}")
        if fault == "lost":
            raise httpx.ReadError("reset")
        return httpx.Response(200, text=answer)

    def _work(self, operation: str, request: httpx.Request) -> object:
        if operation == "createSession":
            return self._open(request)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if (asked["store_id"], asked["store_passwd"]) != (STORE_ID, STORE_PASSWD):
            return {"APIConnect": "FAILED", "status": "INVALID_TRANSACTION"}
        return self._validate(asked) if operation == "validateOrder" else self._query(asked)

    def _open(self, request: httpx.Request) -> object:
        form = {name: values[0] for name, values in parse_qs(request.content.decode(), keep_blank_values=True).items()}
        key = sha256(form["tran_id"].encode()).hexdigest()[:32].upper()
        self.sales[form["tran_id"]] = Sale(form["tran_id"], form["total_amount"], form["currency"], key, form)
        return {"status": "SUCCESS", "sessionkey": key, "GatewayPageURL": f"{GATEWAY_URL}/EasyCheckOut/{key}"}

    def _validate(self, asked: Fields) -> object:
        for sale in self.sales.values():
            if sale.val_id and sale.val_id == asked["val_id"]:
                self.validated[sale.val_id] += 1
                word = "VALID" if self.validated[sale.val_id] == 1 else "VALIDATED"
                return {"APIConnect": "DONE"} | self.describe(sale) | {"status": word}
        return {"APIConnect": "DONE", "status": "INVALID_TRANSACTION"}

    def _query(self, asked: Fields) -> object:
        if "sessionkey" in asked:
            found = [sale for sale in self.sales.values() if sale.session_key == asked["sessionkey"]]
            return {"APIConnect": "DONE"} | self.describe(found[0])
        found = [sale for sale in self.sales.values() if sale.tran_id == asked["tran_id"]]
        elements = [self.describe(sale) for sale in found if sale.status != "PENDING"]
        return {"APIConnect": "DONE", "no_of_trans_found": len(elements), "element": elements}


@dataclass
class ProvisioningSink:
    """The merchant's system: one effect for each key. `script` says what goes wrong next."""

    script: list[str] = field(default_factory=list[str])
    calls: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    effects: Counter[str] = field(default_factory=Counter[str])
    on_call: Callable[[str], None] = lambda _: None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Do the work once for each key and answer."""
        key = request.headers["idempotency-key"]
        self.calls.append((key, request.content))
        self.on_call("before provision")
        fault = self.script.pop(0) if self.script else ""
        if fault == "hang":
            await asyncio.Event().wait()
        if fault.startswith("HTTP"):
            return httpx.Response(int(fault.split()[1]), text="not now")
        self.effects[key] = 1
        self.on_call("after provision")
        if fault == "lost":
            raise httpx.ReadError("reset")
        return httpx.Response(200, json={"licence": f"LIC-{key[-6:]}"})


class Wire(httpx.AsyncBaseTransport):
    """Carries the server's calls to whom they are for."""

    def __init__(self, gateway: ScriptedGateway, sink: ProvisioningSink) -> None:
        self._gateway = gateway
        self._sink = sink

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.url.host == "sslcommerz.test":
            return await self._gateway.answer(request)
        return await self._sink.answer(request)


def form_of(fields: Fields) -> bytes:
    """Write an IPN's body."""
    return urlencode(fields).encode()
