"""How SSLCommerz' own messages go wrong on request: what an IPN then says and proves, what an answer then tells."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Answer, Call, Operation
from simulators.faults.plan import PlannedSend
from simulators.gateways.gateway import BrokenMember, GivenAnswer
from tests.simulators.faults.spoilt import FIELDS, IN_DOLLARS, Bench, a_place, a_send, fields_of, is_proven
from tests.simulators.stands import NO_SETTINGS, Json, Stand, open_stand

BENCH = Bench(a_place())
VERIFY = {"verify_sign", "verify_key", "verify_sign_sha2"}


def amounts_of(send: PlannedSend) -> tuple[str, str, str, str]:
    fields = fields_of(send)
    return fields["amount"], fields["currency"], fields["currency_amount"], fields["currency_type"]


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("+0.01", "1250.01"), ("-0.01", "1249.99"), ("-2000", "0.00"), ("half", "625.00"), ("double", "2500.00"),
        ("99.99", "99.99"), ("100", "100"),
    ],
)  # fmt: skip
def test_a_tampered_amount_is_told_in_both_places_and_rightly_proven(amount: str, told: str) -> None:
    send = BENCH.one("tamper", amount=amount)
    assert amounts_of(send) == (told, "BDT", told, "BDT")
    assert (is_proven(send), send.notification.forged) == (True, False)
    words = f"currency_amount tampered from 1250.00 to {told}, amount tampered from 1250.00 to {told}, proven anew"
    assert send.faults == (words,)


def test_a_tampered_amount_of_another_currency_is_converted_with_the_ipns_own_rate() -> None:
    send = BENCH.one("tamper", send=a_send(**IN_DOLLARS), amount="-0.01")
    assert amounts_of(send) == ("1214.78", "BDT", "9.99", "USD")


def test_a_tampered_currency_is_that_of_the_order() -> None:
    assert amounts_of(BENCH.one("tamper", currency="USD")) == ("1250.00", "USD", "1250.00", "USD")
    assert amounts_of(BENCH.one("tamper", send=a_send(**IN_DOLLARS), currency="EUR"))[1::2] == ("BDT", "EUR")


def test_any_field_can_be_tampered_with_also_one_that_was_not_there() -> None:
    send = BENCH.one("tamper", field="store_amount", value="1250.00")
    assert (fields_of(send)["store_amount"], is_proven(send)) == ("1250.00", True)
    assert send.faults == ("store_amount tampered from nothing to 1250.00, proven anew",)
    assert fields_of(BENCH.one("tamper", field="status", value=""))["status"] == ""


def test_with_the_proof_kept_the_lie_shows() -> None:
    send = BENCH.one("tamper", amount="half", proof="kept")
    assert (is_proven(send), send.notification.forged) == (False, True)
    assert send.faults[0].endswith("the proof kept")


@pytest.mark.parametrize("garbage", ["", "x", "NaN", "Infinity", "1e999999"])
def test_amounts_that_are_none_are_taken_for_nought(garbage: str) -> None:
    send = BENCH.one("tamper", send=a_send(currency_amount=garbage, currency_rate=garbage), amount="+0.01")
    assert fields_of(send)["currency_amount"] == "0.01"


@given(st.decimals(0, 500_000, places=2), st.decimals("-1000", "1000", places=2))
def test_a_difference_is_exact_to_the_paisa(amount: Decimal, off: Decimal) -> None:
    send = BENCH.one("tamper", send=a_send(amount=str(amount), currency_amount=str(amount)), amount=f"{off:+}")
    assert Decimal(fields_of(send)["amount"]) == max(Decimal(0), amount + off)
    assert is_proven(send)


def test_a_proof_may_be_missing_or_made_with_a_wrong_key() -> None:
    missing, wrong = BENCH.one("bad_proof", kind="missing"), BENCH.one("bad_proof")
    assert VERIFY.isdisjoint(fields_of(missing))
    assert fields_of(missing).items() <= fields_of(a_send()).items()
    assert fields_of(wrong).keys() == fields_of(a_send()).keys()
    for send in (missing, wrong):
        assert (is_proven(send), send.notification.forged) == (False, True)
    assert (missing.faults, wrong.faults) == (("proof missing",), ("proven with a wrong key",))


@pytest.mark.parametrize(
    ("field", "told"),
    [("amount", "1250.01"), ("currency", "BDU"), ("tran_id", "ORDER-2"), ("status", "VALIE"), ("error", "0")],
)
def test_one_byte_of_a_field_is_altered_after_it_was_proven(field: str, told: str) -> None:
    send = BENCH.one("bad_proof", kind="altered_field", field=field)
    assert (fields_of(send)[field], is_proven(send)) == (told, False)
    assert send.faults == (f"{field} altered from {FIELDS[field]} to {told} after it was proven",)
    assert send.notification.order == "ORDER-1"


@pytest.mark.parametrize(("last", "told"), [("9", "8"), ("z", "y"), ("Z", "Y")])
def test_an_altered_character_stays_of_its_kind(last: str, told: str) -> None:
    send = BENCH.one("bad_proof", send=a_send(tran_id=f"A{last}"), kind="altered_field", field="tran_id")
    assert fields_of(send)["tran_id"] == f"A{told}"


def test_without_a_name_chance_alters_what_decides_about_the_payment() -> None:
    seen = {BENCH.one("bad_proof", kind="altered_field").faults[0].split()[0] for _ in range(40)}
    assert seen == {"amount", "tran_id", "status", "currency"}


def test_written_anew_the_form_lacks_its_empty_fields_and_blanks() -> None:
    send = BENCH.one("bad_proof", kind="reserialised")
    fields = fields_of(send)
    assert ("error" in fields, fields["value_a"]) == (False, "kept  as it is")
    assert "error" in fields["verify_key"].split(",")
    assert not is_proven(send)


def test_a_stale_stamp_is_an_earlier_date_rightly_proven() -> None:
    send = BENCH.one("stale_stamp", by_seconds=86_400 * 8)
    assert (fields_of(send)["tran_date"], is_proven(send)) == ("2031-04-23 06:00:00", True)
    assert send.faults == ("tran_date 2031-04-23 06:00:00 instead of 2031-05-01 06:00:00, proven anew",)


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01 00:00:00"])
def test_a_date_that_cannot_be_earlier_stays(date: str) -> None:
    send = BENCH.one("stale_stamp", send=a_send(tran_date=date), by_seconds=86_400)
    assert (fields_of(send)["tran_date"], send.faults) == (date, ("no tran_date that could be earlier",))


def test_another_accounts_notification_is_proven_with_a_key_that_is_not_ours() -> None:
    send = BENCH.one("other_account")
    fields = fields_of(send)
    assert (fields["tran_id"], fields["amount"]) == ("ORDER-1", "1250.00")
    assert fields["store_id"].startswith("other")
    assert fields["val_id"][:12] == FIELDS["val_id"][:12]
    assert len(fields["val_id"]) == len(FIELDS["val_id"])
    assert fields["val_id"] != FIELDS["val_id"]
    assert (is_proven(send), send.notification.forged) == (False, True)


async def paid(stand: Stand, order: str = "ORDER-1", *, action: str = "pay") -> tuple[str, str]:
    key = (await stand.open_session(tran_id=order))["sessionkey"]
    if action == "open":
        return key, ""
    outcome = await stand.control("POST", "/shopper", body={"session": key, "action": action})
    return key, outcome["return"]["fields"].get("val_id", "")


async def arm(stand: Stand, *faults: Json) -> None:
    await stand.control("POST", "/faults", body={"when": {"operation": "queryTransaction"}, "faults": list(faults)})


async def words(stand: Stand) -> list[str]:
    exchanges = await stand.journal(operation="queryTransaction")
    return [one for exchange in exchanges for one in exchange["faults"]]


async def test_a_stale_query_tells_of_each_attempt_what_was_before_it() -> None:
    async with open_stand() as stand:
        await paid(stand, action="decline")
        await paid(stand)
        await paid(stand, "OPEN", action="open")
        await arm(stand, {"stale_state": {}})
        told = await stand.query(tran_id="ORDER-1")
        assert [one["status"] for one in told["element"]] == ["PENDING", "PENDING"]
        assert {one["val_id"] + one["card_no"] + one["bank_tran_id"] for one in told["element"]} == {""}
        unpaid = await stand.query(tran_id="OPEN")
        assert (unpaid["no_of_trans_found"], unpaid["element"]) == (0, [])
        assert await words(stand) == ["VALID told as PENDING; FAILED told as PENDING", "PENDING told as not there yet"]


async def test_a_stale_query_by_session_knows_less() -> None:
    async with open_stand() as stand:
        key, _ = await paid(stand, "OPEN", action="open")
        await arm(stand, {"stale_state": {}})
        told = await stand.query(sessionkey=key)
        assert (told["status"], told["sessionkey"]) == ("INVALID_TRANSACTION", key)
        unknown = await stand.query(sessionkey="F" * 32)
        assert unknown["status"] == "INVALID_TRANSACTION"
        assert await words(stand) == [
            "PENDING told as not there yet",
            "no state in this answer that was another before",
        ]


async def test_in_xml_the_same_is_spoilt() -> None:
    async with open_stand() as stand:
        await paid(stand)
        await paid(stand, action="open")
        await arm(stand, {"stale_state": {}}, {"other_order": {}}, {"wrong_schema": {"member": "amount"}})
        url = f"{stand.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        query = {"store_id": "testbox", "store_passwd": "qwerty", "tran_id": "ORDER-1", "format": "xml"}
        answer = await stand.client.get(url, params=query)
        assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
        assert "<status>PENDING</status>" in answer.text
        assert "<tran_id>OTHER-" in answer.text
        assert "<amount>" not in answer.text
        assert len(await words(stand)) == 3


async def test_a_member_of_an_element_can_be_broken() -> None:
    async with open_stand() as stand:
        await paid(stand)
        await arm(stand, {"wrong_schema": {"member": "currency", "how": "null"}})
        told = await stand.query(tran_id="ORDER-1")
        assert told["element"][0]["currency"] is None


async def test_an_answer_without_members_is_left_as_it_is() -> None:
    async with open_stand() as stand:
        await paid(stand)
        await arm(stand, {"malformed_body": {"how": "garbage"}})
        faults = ("wrong_schema", "stale_state", "other_order")
        rule = {"faults": [{fault: NO_SETTINGS} for fault in faults]}
        await stand.control("POST", "/faults", body=rule)
        url = f"{stand.urls['sslcommerz']}/validator/api/merchantTransIDvalidationAPI.php"
        answer = await stand.client.get(url, params={"store_id": "testbox", "store_passwd": "qwerty", "tran_id": "X"})
        assert b"not a body" in answer.content
        assert await words(stand) == [
            "body of bytes that are no text", "no member to break here",
            "no state in this answer that was another before", "no order in this answer that could be another",
        ]  # fmt: skip


def a_query(told: dict[str, object]) -> GivenAnswer:
    operation = Operation("queryTransaction", "GET", "/x", (), {})
    call = Call(
        operation, {}, {}, {}, None, b"", None, (), b"", "/x", None, "http", "a", {}, nobody,
    )  # fmt: skip
    return GivenAnswer(call, Answer.json(200, told))


async def nobody() -> Json:
    return {}


@pytest.mark.parametrize(
    ("told", "before"),
    [
        (
            {"refund_ref_id": "r", "status": "refunded", "refunded_on": "2031-05-01 06:00:00"},
            {"refund_ref_id": "r", "status": "processing", "refunded_on": ""},
        ),
        ({"refund_ref_id": "r", "status": "cancelled"}, {"refund_ref_id": "r", "status": "processing"}),
        ({"refund_ref_id": "r", "status": "processing"}, None),
        ({"APIConnect": "INVALID_REQUEST"}, None),
    ],
)
def test_a_stale_answer_about_a_refund_says_that_it_is_under_way(told: Json, before: Json) -> None:
    place = BENCH.place
    spoilt = place.spoiler.before_last_transition(place.desk, a_query(told))
    assert (spoilt and json.loads(spoilt.answer.body)) == before


def test_a_member_that_is_no_text_becomes_one() -> None:
    place, how = BENCH.place, BrokenMember.OTHER_TYPE
    spoilt = place.spoiler.break_member(place.desk, a_query({"no_of_trans_found": 2}), member=None, how=how)
    assert spoilt is not None
    assert json.loads(spoilt.answer.body) == {"no_of_trans_found": "2"}


def test_where_nothing_is_read_chance_breaks_nothing() -> None:
    place, how = BENCH.place, BrokenMember.MISSING
    assert place.spoiler.break_member(place.desk, a_query({"x": 2}), member=None, how=how) is None
    assert place.spoiler.act_early(place.desk, Answer.text(200, "no session"), action="pay") is None


def test_a_refunds_answer_can_be_about_another_order_too() -> None:
    place = BENCH.place
    given = a_query({"trans_id": "ORDER-1", "bank_tran_id": FIELDS["bank_tran_id"], "status": "success"})
    spoilt = place.spoiler.about_other_order(place.desk, given)
    assert spoilt is not None
    told = json.loads(spoilt.answer.body)
    assert (told["trans_id"][:6], "tran_id" in told, told["status"]) == ("OTHER-", False, "success")
    assert told["bank_tran_id"] != FIELDS["bank_tran_id"]


@pytest.mark.parametrize("last", ["\U0010ffff", "\ud7ff", "\x7f", "\xe9", "", "-", "0"])
def test_a_field_that_ends_in_any_character_can_be_altered(last: str) -> None:
    send = BENCH.one("bad_proof", send=a_send(value_a=last), kind="altered_field", field="value_a")
    assert fields_of(send)["value_a"] != last
    assert not is_proven(send)
