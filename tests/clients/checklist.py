"""Every call that the fact sheet's section 12 lists, by SDK: the function's name and how it takes its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clients.speaking import Speaker

REFUND_FIELDS = ("bank_tran_id", "refund_amount", "refund_remarks")

ORDER: Mapping[str, object] = {
    "total_amount": "1250.00",
    "currency": "BDT",
    "success_url": "http://127.0.0.1:9/success",
    "fail_url": "http://127.0.0.1:9/fail",
    "cancel_url": "http://127.0.0.1:9/cancel",
    "emi_option": 0,
    "cus_name": "Rahima Akter",
    "cus_email": "rahima@example.com",
    "cus_add1": "Road 1",
    "cus_city": "Dhaka",
    "cus_postcode": "1000",
    "cus_country": "Bangladesh",
    "cus_phone": "01711111111",
    "shipping_method": "NO",
    "num_of_item": 1,
    "product_name": "Licence",
    "product_category": "Software",
    "product_profile": "general",
}


@dataclass(frozen=True, slots=True)
class Functions:
    """The names of one SDK's functions. `takes` is how they take arguments: one by one, by name, or as one object."""

    takes: str
    create: str
    validate: str
    by_session: str
    by_order: str
    refund: str
    refund_query: str
    check_ipn: str | None = None


_LTS = Functions(
    "object", "init", "validate", "transactionQueryBySessionId", "transactionQueryByTransactionId", "initiateRefund",
    "refundQuery",
)  # fmt: skip
FUNCTIONS = {
    "sslcommerz-lib": Functions(
        "values", "createSession", "validationTransactionOrder", "transaction_query_session",
        "transaction_query_tranid", "init_refund", "query_refund_status", "hash_validate_ipn",
    ),
    "sslcommerz-sdk": Functions(
        "names", "create_session", "validate_transaction", "query_transaction_by_sessionkey",
        "query_transaction_by_tran_id", "init_refund", "query_refund_status", "is_verify_sign_valid",
    ),
    "sslcommerz-lts": _LTS,
    "sslcommerz": _LTS,
    "sslcommerz-nodejs": Functions(
        "values", "init_transaction", "validate_transaction_order", "transaction_status_session",
        "transaction_status_id", "init_refund", "refund_status", "hash_validate_ipn",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Client:
    """One SDK, called by what is meant."""

    speaker: Speaker
    functions: Functions
    store: Mapping[str, str]

    def create(self, order: str, **fields: object) -> Any:
        body = {**ORDER, "tran_id": order, **fields}
        if self.functions.takes == "names":
            return self.speaker.call(self.functions.create, **body)
        return self.speaker.call(self.functions.create, body)

    def validate(self, val_id: str) -> Any:
        return self._ask(self.functions.validate, val_id=val_id)

    def by_session(self, key: str) -> Any:
        return self._ask(self.functions.by_session, sessionkey=key)

    def by_order(self, order: str) -> Any:
        return self._ask(self.functions.by_order, tran_id=order)

    def refund(self, bank_tran_id: str, amount: str) -> Any:
        return self._ask(
            self.functions.refund, bank_tran_id=bank_tran_id, refund_amount=amount, refund_remarks="returned"
        )

    def refund_query(self, reference: str) -> Any:
        return self._ask(self.functions.refund_query, refund_ref_id=reference)

    def accepts(self, ipn: Mapping[str, str]) -> bool:
        assert self.functions.check_ipn is not None
        if self.functions.takes == "names":
            return self.speaker.call(self.functions.check_ipn, self.store["store_passwd"], dict(ipn))
        return self.speaker.call(self.functions.check_ipn, dict(ipn))

    def _ask(self, function: str, **fields: str) -> Any:
        if self.functions.takes == "object":
            return self.speaker.call(function, fields)
        return self.speaker.call(function, *fields.values())
