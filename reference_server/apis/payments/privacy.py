"""Export and erasure of shoppers over the API. What is kept and what goes is said in `privacy/fields.py`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.instants import render_instant
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import InvalidError
from reference_server.ids import OrderId
from reference_server.journal import Journal
from reference_server.merchants.model import Merchant
from reference_server.models import Erased, PersonExport
from reference_server.models import Person as PersonBody
from reference_server.privacy.erasure import ORDERS_AT_ONCE, erase_orders
from reference_server.privacy.export import export_orders
from reference_server.privacy.fields import KEPT, goes
from reference_server.privacy.store import Person, find_orders, list_names

EXPORT_ORDERS_MAX = 1_000
ERASE_ORDERS_MAX = 100_000
# Fewer digits than any phone has could be anybody's.
_PHONE_DIGITS_MIN = 4
_NO_STORE = (("cache-control", "no-store"),)


class Privacy:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, database: Database, clock: Clock, *, journal: Journal) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {"exportPerson": self.export_person, "erasePerson": self.erase_person}

    async def export_person(self, call: Call) -> Answer:
        """Write out all that is kept about the person's orders with this merchant."""
        merchant_id, person = authenticated_merchant().id, _read_person(call)

        def look(session: Session) -> PersonExport:
            found = find_orders(session, merchant_id, person, limit=EXPORT_ORDERS_MAX + 1)
            told = found[:EXPORT_ORDERS_MAX]
            records = {name: list(rows) for name, rows in export_orders(session, told).items()}
            return {"orders": [*told], "records": records, "is_whole": len(found) == len(told)}

        return Answer.json(200, await self._database.read(look), _NO_STORE)

    async def erase_person(self, call: Call) -> Answer:
        """Take the person out of all of their orders with this merchant."""
        merchant, person, at = authenticated_merchant(), _read_person(call), self._clock.now()
        found = await self._database.read(
            lambda session: find_orders(session, merchant.id, person, limit=ERASE_ORDERS_MAX)
        )
        erased: list[str] = []
        for begin in range(0, len(found), ORDERS_AT_ONCE):
            erased += await self._erase(merchant, found[begin : begin + ORDERS_AT_ONCE], person=person)
        answer: Erased = {"orders": erased, "erased_at": render_instant(at), "fields": goes(), "kept": [*KEPT]}
        return Answer.json(200, answer, _NO_STORE)

    async def _erase(self, merchant: Merchant, order_ids: list[OrderId], *, person: Person) -> list[OrderId]:
        at = self._clock.now()
        erased = await self._database.run(lambda session: erase_orders(session, merchant.id, order_ids, at=at))
        names = await self._database.read(lambda session: list_names(session, erased))
        self._journal.erase(merchant.name, names, values=[it for it in (person.email, person.phone) if it])
        return erased


def _read_person(call: Call) -> Person:
    body = cast("PersonBody", call.body)
    phone = body.get("phone")
    if phone is None:
        return Person(email=body.get("email"), order=body.get("order_id"))
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdigit())
    if len(digits) < _PHONE_DIGITS_MIN:
        raise InvalidError("is no phone number: it has too few digits", pointer="/phone", rule="phone")
    return Person(phone=digits)
