"""What unsigned and misdirected IPNs may cost: questions, rows and states, told through the API."""

from sqlmodel import Session, select

from reference_server.notifications.inbox import InboxNotification
from reference_server.notifications.receiver import DUPLICATES_ASKED_MAX, UNSIGNED_MAX, UNSIGNED_OPEN_MAX
from tests.reference_server.scripted import Fields, signed
from tests.reference_server.stage import Stage, staged


def claim_of(tran_id: str, **more: str) -> Fields:
    return {"tran_id": tran_id, "status": "VALID", **more}


def count_rows(stage: Stage) -> int:
    def unit(session: Session) -> int:
        return len(session.exec(select(InboxNotification)).all())

    return stage.server.database.read_now(unit)


async def test_a_stranger_who_sends_many_unsigned_ipns_costs_a_bounded_number_of_rows_and_questions() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        answers = [await stage.ipn(session_id, claim_of(tran_id, val_id=f"junk{it}")) for it in range(60)]
        answers += [await stage.ipn(session_id, claim_of(tran_id, val_id="junk0")) for _ in range(60)]
        assert {answer.status_code for answer in answers} == {200, 400}
        assert count_rows(stage) == stage.gateway.calls["validateOrder"] == UNSIGNED_MAX
        lines = (await stage.order(tran_id))["audit"]
        assert [line["event"] for line in lines] == ["opened"]


async def test_one_unsigned_ipn_repeated_is_asked_about_a_bounded_number_of_times() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        for _ in range(60):
            assert (await stage.ipn(session_id, claim_of(tran_id, val_id="junk"))).status_code == 200
        assert stage.gateway.calls["validateOrder"] == UNSIGNED_MAX


async def test_while_the_validator_is_down_few_unsigned_claims_are_owed_an_answer_at_a_time() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["HTTP 500"] * 1000
        for it in range(20):
            await stage.ipn(session_id, claim_of(tran_id, val_id=f"junk{it % 10}", n=str(it)))
        await stage.advance(hours=40)
        assert stage.gateway.calls["validateOrder"] == 10 * UNSIGNED_OPEN_MAX


async def test_one_val_id_is_asked_about_once_at_a_time_however_often_it_is_claimed_unsigned() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.script["validateOrder"] = ["HTTP 500"] * 1000
        for it in range(9):
            await stage.ipn(session_id, claim_of(tran_id, val_id="junk", n=str(it)))
        assert (count_rows(stage), stage.gateway.calls["validateOrder"]) == (1, 1)


async def test_an_unsigned_claim_of_money_without_a_val_id_asks_nothing() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        assert (await stage.ipn(session_id, claim_of(tran_id))).status_code == 400
        assert (count_rows(stage), stage.gateway.calls) == (0, {"createSession": 1})


async def test_a_signed_ipn_is_asked_about_however_many_unsigned_came_before() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        for it in range(UNSIGNED_MAX + 5):
            await stage.ipn(session_id, claim_of(tran_id, val_id=f"junk{it}"))
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        assert (await stage.status(session_id))["state"] == "CAPTURED"


async def test_a_signed_ipn_without_a_val_id_is_asked_about_by_its_session() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        stage.gateway.pay(tran_id)
        await stage.ipn(session_id, signed(claim_of(tran_id)))
        assert (await stage.status(session_id))["state"] == "CAPTURED"
        assert stage.gateway.calls["validateOrder"] == 0


async def test_signed_money_that_is_always_validated_as_another_orders_waits_for_a_person() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        stage.gateway.sales[tran_id].told = {"tran_id": "OTHER"}
        await stage.ipn(session_id, fields)
        assert (await stage.status(session_id))["state"] == "PENDING"
        await stage.advance(hours=40)
        assert (await stage.status(session_id))["state"] == "NEEDS_REVIEW"


async def test_signed_money_that_is_validated_as_another_orders_once_is_asked_about_again() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        stage.gateway.sales[tran_id].told = {"tran_id": "OTHER"}
        await stage.ipn(session_id, fields)
        stage.gateway.sales[tran_id].told = {}
        await stage.advance(minutes=2)
        assert (await stage.status(session_id))["status"] == "SUCCESS"


async def test_unsigned_money_of_another_order_moves_nothing_and_leaves_a_line() -> None:
    async with staged() as stage:
        _, cheap = await stage.paid()
        session_id, dear = await stage.opened()
        await stage.ipn(session_id, claim_of(dear, val_id=stage.gateway.sales[cheap].val_id))
        order = await stage.order(dear)
        assert (order["state"], order["audit"][-1]["event"]) == ("PENDING", "captured")
        assert order["audit"][-1]["cause"] == "refused: the gateway's answer is about another order"


async def test_signed_money_of_an_order_that_another_shop_of_the_store_calls_so_is_not_ours() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id, value_a="ses_of_another_shop")
        assert (await stage.ipn(session_id, fields)).status_code == 200
        await stage.quiesce()
        order = await stage.order(tran_id)
        assert (order["state"], order["captured_minor"], stage.sink.calls) == ("PENDING", 0, [])
        assert order["audit"][-1]["cause"] == "refused: the gateway's answer is about another order"


async def test_one_signed_ipn_in_many_guises_is_recorded_and_asked_about_once() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.pay(tran_id)
        answers = [await stage.ipn(session_id, fields | {"more": str(number)}) for number in range(30)]
        assert {answer.status_code for answer in answers} == {200}
        assert stage.gateway.calls["validateOrder"] == 1


async def test_a_signed_ipn_that_is_not_borne_out_is_asked_about_so_often_and_no_more() -> None:
    async with staged() as stage:
        session_id, tran_id = await stage.opened()
        fields = stage.gateway.end(tran_id, "FAILED")
        stage.gateway.sales[tran_id].status = "PENDING"
        answers = [await stage.ipn(session_id, fields) for _ in range(2 * DUPLICATES_ASKED_MAX)]
        assert {answer.status_code for answer in answers} == {200}
        assert stage.gateway.calls["queryTransaction"] == DUPLICATES_ASKED_MAX + 1
