"""A gateway and a provisioning system that do what a test tells them, behind httpx's own seam: no sockets, no clock.

Written from the fact sheet of SSLCommerz alone; nothing of the server's signing or parsing is used.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import md5, sha256
from urllib.parse import parse_qs, urlencode

import httpx

GATEWAY_URL = "http://sslcommerz.test"
PROVISIONING_URL = "http://merchant.test/provision"
STORE_ID, STORE_PASSWD = "testbox", "qwerty"

Fields = dict[str, str]
Hook = Callable[[httpx.Request], Awaitable[httpx.Response]]


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


@dataclass(slots=True)
class GivenBack:
    """The gateway's record of one refund. `ends` is what becomes of it as soon as somebody asks."""

    key: str
    bank_tran_id: str
    amount: Decimal
    reference: str
    status: str = "processing"
    ends: str = "refunded"


@dataclass
class ScriptedGateway:
    """Sessions, validation, queries, refunds. `script` holds what goes wrong next, by operation, in order.

    Of a tran_id with several sessions `sales` has the newest, `older` the others.
    """

    sales: dict[str, Sale] = field(default_factory=dict[str, Sale])
    older: list[Sale] = field(default_factory=list[Sale])
    refunds: dict[str, GivenBack] = field(default_factory=dict[str, GivenBack])
    # What a new refund ends as; `processing` for one that never ends.
    refunds_end: str = "refunded"
    script: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    calls: Counter[str] = field(default_factory=Counter[str])
    validated: Counter[str] = field(default_factory=Counter[str])
    on_call: Callable[[str], None] = lambda _: None

    def pay(self, tran_id: str, **told: str) -> Fields:
        """Take the money for a session and return the signed IPN; `told` overrides what is said of it everywhere."""
        return self.pay_sale(self.sales[tran_id], **told)

    def pay_sale(self, sale: Sale, **told: str) -> Fields:
        """Take the money for one session, whether it is its order's newest or not."""
        sale.status = "VALID"
        paid = sum(bool(one.val_id) for one in self.all_sales())
        val_id = f"2601011200{len(self.validated):02d}SIM{paid}{sale.tran_id}"
        sale.val_id = told.pop("val_id", val_id[:50])
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
            "bank_tran_id": self.bank_tran_id(sale),
            **sale.told,
        }

    def bank_tran_id(self, sale: Sale) -> str:
        """Return the gateway's name of the money; none where none came."""
        return f"BANK-{sale.val_id}" if sale.val_id else ""

    def given_back(self, tran_id: str) -> Decimal:
        """Return what went back of a sale's money, or is on its way."""
        banks = {self.bank_tran_id(sale) for sale in self.all_sales() if sale.tran_id == tran_id}
        return sum((one.amount for one in self._live() if one.bank_tran_id in banks), Decimal(0))

    def all_sales(self) -> list[Sale]:
        """Return every session, oldest first for each order."""
        return [*self.older, *self.sales.values()]

    def _live(self) -> list[GivenBack]:
        return [one for one in self.refunds.values() if one.status != "cancelled"]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one call, as the script says first."""
        operation = {
            "/gwprocess/v4/api.php": "createSession",
            "/validator/api/validationserverAPI.php": "validateOrder",
            "/validator/api/merchantTransIDvalidationAPI.php": "queryTransaction",
        }[request.url.path]
        if operation == "queryTransaction":
            asked = request.url.params
            operation = "queryRefund" if "refund_ref_id" in asked else operation
            operation = "initiateRefund" if "bank_tran_id" in asked else operation
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
        works = {
            "validateOrder": self._validate,
            "queryTransaction": self._query,
            "initiateRefund": self._refund,
            "queryRefund": self._tell_refund,
        }
        return works[operation](asked)

    def _open(self, request: httpx.Request) -> object:
        form = {name: values[0] for name, values in parse_qs(request.content.decode(), keep_blank_values=True).items()}
        key = sha256(form["tran_id"].encode()).hexdigest()[:32].upper()
        if form["tran_id"] in self.sales:
            self.older.append(self.sales[form["tran_id"]])
            key = sha256(f"{len(self.older)} {key}".encode()).hexdigest()[:32].upper()
        self.sales[form["tran_id"]] = Sale(form["tran_id"], form["total_amount"], form["currency"], key, form)
        return {"status": "SUCCESS", "sessionkey": key, "GatewayPageURL": f"{GATEWAY_URL}/EasyCheckOut/{key}"}

    def _validate(self, asked: Fields) -> object:
        for sale in self.all_sales():
            if sale.val_id and sale.val_id == asked["val_id"]:
                self.validated[sale.val_id] += 1
                word = "VALID" if self.validated[sale.val_id] == 1 else "VALIDATED"
                return {"APIConnect": "DONE"} | self.describe(sale) | {"status": word}
        return {"APIConnect": "DONE", "status": "INVALID_TRANSACTION"}

    def _query(self, asked: Fields) -> object:
        if "sessionkey" in asked:
            found = [sale for sale in self.all_sales() if sale.session_key == asked["sessionkey"]]
            return {"APIConnect": "DONE"} | self.describe(found[0])
        found = [sale for sale in self.all_sales() if sale.tran_id == asked["tran_id"]]
        elements = [self.describe(sale) for sale in found if sale.status != "PENDING"]
        return {"APIConnect": "DONE", "no_of_trans_found": len(elements), "element": elements}

    def _refund(self, asked: Fields) -> object:
        told = {"APIConnect": "DONE", "bank_tran_id": asked["bank_tran_id"]}
        known = next((one for one in self.refunds.values() if one.key == asked["refund_trans_id"]), None)
        if known is not None:
            return told | {"trans_id": known.key, "refund_ref_id": known.reference, "status": "processing"}
        sale = next((one for one in self.all_sales() if self.bank_tran_id(one) == asked["bank_tran_id"]), None)
        amount = Decimal(asked["refund_amount"])
        gone = sum((one.amount for one in self._live() if one.bank_tran_id == asked["bank_tran_id"]), Decimal(0))
        if sale is None or amount + gone > Decimal(sale.told.get("amount", sale.amount)):
            return told | {"status": "failed", "errorReason": "Refund amount is more than what is left"}
        reference = f"{len(self.refunds):013x}"
        key, bank = asked["refund_trans_id"], asked["bank_tran_id"]
        self.refunds[reference] = GivenBack(key, bank, amount, reference, ends=self.refunds_end)
        return told | {"trans_id": key, "refund_ref_id": reference, "status": "success"}

    def _tell_refund(self, asked: Fields) -> object:
        one = self.refunds[asked["refund_ref_id"]]
        one.status = one.ends
        told = {"bank_tran_id": one.bank_tran_id, "tran_id": one.key, "refund_ref_id": one.reference}
        return {"APIConnect": "DONE", "initiated_on": "", "refunded_on": "", "status": one.status} | told


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
    """Carries the server's calls to whom they are for; `hooks` receive webhooks, by host name."""

    def __init__(self, gateway: ScriptedGateway, sink: ProvisioningSink, hooks: Mapping[str, Hook]) -> None:
        self._gateway = gateway
        self._sink = sink
        self._hooks = hooks

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.url.host == "sslcommerz.test":
            return await self._gateway.answer(request)
        if request.url.host in self._hooks:
            return await self._hooks[request.url.host](request)
        return await self._sink.answer(request)


def form_of(fields: Fields) -> bytes:
    """Write an IPN's body."""
    return urlencode(fields).encode()
