"""The promises about answers, against a small side in a few lines that keeps them or breaks them by name."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from contracts.checks.asking import Asked, Told, objects_of
from contracts.checks.one_key_is_one_request import one_key_is_one_request, with_another_sum
from contracts.checks.others_see_nothing import others_see_nothing
from contracts.checks.refusal_changes_nothing import refusal_changes_nothing
from contracts.checks.replay_is_identical import replay_is_identical
from contracts.checks.sums_hold import sums_hold
from contracts.checks.truth import Broken

OWNER, OTHER = {"x-api-key": "owner"}, {"x-api-key": "other"}
MAKE = Asked("POST", "http://side.test/things", {**OWNER, "idempotency-key": "k1"}, b'{"amount":100}')
READ = Asked("GET", "http://side.test/things/pay_ab12", OWNER)
LIST = Asked("GET", "http://side.test/things", OWNER)


@dataclass
class Side:
    """Keeps things by key; `bug` is what it does wrong."""

    bug: str = ""
    made: int = 0
    by_key: dict[str, tuple[bytes, Told]] = field(default_factory=dict[str, tuple[bytes, Told]])

    def ask(self, asked: Asked) -> Told:
        """Answer one request."""
        if asked.method == "POST":
            return self._make(asked)
        if asked.headers["x-api-key"] == "owner" or self.bug == "shows everybody":
            known = Told(200, b'{"id":"pay_ab12"}') if asked.url.endswith("/pay_ab12") else Told(404, b"none")
            return Told(200, b'{"items":[{"id":"pay_ab12"}]}') if asked.url.endswith("/things") else known
        if asked.url.endswith("/things"):
            return Told(200, b'{"items":[]}')
        is_there = asked.url.endswith("/pay_ab12")
        return Told(403, b"not yours") if is_there and self.bug == "says that it is there" else Told(404, b"none")

    def _make(self, asked: Asked) -> Told:
        body, told = self.by_key.get(asked.headers.get("idempotency-key", ""), (b"", None))
        if told is not None and self.bug != "forgets keys":
            return told if body == asked.body or self.bug == "forgets bodies" else Told(422, b"another request's key")
        self.made += 1
        told = Told(201, msgspec.json.encode({"id": f"pay_{self.made}"}))
        self.by_key[asked.headers.get("idempotency-key", "")] = (asked.body, told)
        return told


def found_at_making(side: Side) -> list[Broken]:
    told = side.ask(MAKE)
    return [*replay_is_identical(MAKE, told, side.ask), *one_key_is_one_request(MAKE, told, side.ask)]


def found_at_reading(side: Side) -> list[Broken]:
    return list(others_see_nothing(READ, side.ask(READ), side.ask, other=OTHER, ids=["pay_ab12"]))


def found_at_listing(side: Side) -> list[Broken]:
    return list(others_see_nothing(LIST, side.ask(LIST), side.ask, other=OTHER, ids=[]))


def test_another_id_is_asked_for_at_the_same_address() -> None:
    asked: list[str] = []

    def ask(one: Asked) -> Told:
        asked.append(one.url)
        return Told(404, b"")

    read = Asked("GET", "http://127.0.0.1:8000/orders/0", OWNER)
    assert list(others_see_nothing(read, Told(200, b"{}"), ask, other=OTHER, ids=["0"])) == []
    assert asked == [read.url, "http://127.0.0.1:8000/orders/1"]


@pytest.mark.parametrize("found", [found_at_making, found_at_reading, found_at_listing])
def test_a_side_that_keeps_its_promises_is_accused_of_nothing(found: Callable[[Side], list[Broken]]) -> None:
    assert found(Side()) == []


@pytest.mark.parametrize(
    ("bug", "found", "promise"),
    [
        ("forgets keys", found_at_making, "replay is identical"),
        ("forgets bodies", found_at_making, "one key is one request"),
        ("shows everybody", found_at_reading, "others see nothing"),
        ("says that it is there", found_at_reading, "others see nothing"),
        ("shows everybody", found_at_listing, "others see nothing"),
    ],
)
def test_a_side_that_breaks_one_is_found(bug: str, found: Callable[[Side], list[Broken]], promise: str) -> None:
    assert promise in {one.promise for one in found(Side(bug))}


def test_what_names_no_key_or_was_refused_is_not_asked_again() -> None:
    side = Side()
    bare = MAKE.without_header("idempotency-key")

    assert list(replay_is_identical(bare, side.ask(bare), side.ask)) == []
    assert list(replay_is_identical(MAKE, Told(400, b""), side.ask)) == []
    assert side.made == 1


@pytest.mark.parametrize(
    ("body", "other"), [(b'{"amount":5}', b'{"amount":4}'), (b'{"amount":1}', b'{"amount":2}'), (b"{}", None)]
)
def test_another_sum_is_one_minor_unit_away(body: bytes, other: bytes | None) -> None:
    changed = with_another_sum(Asked("POST", "http://side.test", {"content-length": "12"}, body))

    assert (changed and changed.body) == other
    assert changed is None or "content-length" not in changed.headers


@pytest.mark.parametrize("body", [b'{"amount":true}', b'{"amount":"5"}', b"[5]", b"\xff", b""])
def test_what_names_no_whole_sum_has_no_other(body: bytes) -> None:
    assert with_another_sum(Asked("POST", "http://side.test", {}, body)) is None


@pytest.mark.parametrize(
    ("status", "after", "found"), [(409, {"p": 1}, 0), (409, {"p": 2}, 1), (409, {"p": 1, "q": 1}, 1), (201, {}, 0)]
)
def test_a_refusal_leaves_the_books_as_they_were(status: int, after: dict[str, int], found: int) -> None:
    assert len(list(refusal_changes_nothing(Told(status, b""), before={"p": 1}, after=after))) == found


def a_payment(amount: object, captured: object, refunded: object, status: str = "success") -> dict[str, object]:
    return {"id": "p", "amount": amount, "amount_captured": captured, "amount_refunded": refunded, "status": status}


@pytest.mark.parametrize(
    ("payment", "found"),
    [
        (a_payment(100, 100, 0), 0),
        (a_payment(100, 60, 60), 0),
        (a_payment(100, 0, 0, "pending"), 0),
        (a_payment(100, 101, 0), 1),
        (a_payment(100, 60, 61), 1),
        (a_payment(100, 0, -1), 2),
        (a_payment(100, 0, 0), 1),
        (a_payment(100, "60", 0), 1),
        (a_payment(100, 60.0, 0), 1),
        ({"amount": 1, "status": "pending"}, 0),
        ({"amount": 1, "amount_captured": 2, "amount_refunded": 0, "status": "success"}, 1),
    ],
)
def test_sums_are_compared_where_a_payment_is_told(payment: dict[str, object], found: int) -> None:
    for told in (payment, {"items": [payment, "strange"]}):
        assert len(list(sums_hold(Told(200, msgspec.json.encode(told))))) == found
    assert list(sums_hold(Told(409, msgspec.json.encode(payment)))) == []


def test_what_is_no_object_has_no_objects() -> None:
    assert objects_of(b"[1]") == objects_of(b"not json") == []
