"""Every flaw misbehaves exactly where its table says, and the right shop does not."""

from collections.abc import Awaitable, Callable

import pytest

from simulators.errors import SettingsError
from simulators.merchant.flaws import FLAWS, Flaw
from simulators.merchant.played.decisions import Decisions
from tests.simulators.merchant import misfortunes as m
from tests.simulators.merchant.shops import ShopStand, open_shop
from tests.simulators.stands import Json, open_stand

Misfortune = Callable[[ShopStand], Awaitable[Json]]

# Flaw, what happens to the shop, what is seen of the right one and what of the flawed one.
SEEN: dict[str, tuple[Misfortune, Json, Json]] = {
    "checks_no_proof_and_trusts_the_status": (m.forged, 0, 1),
    "accepts_a_missing_proof": (m.unsigned, 0, 1),
    "works_with_a_blank_password": (m.blank_password, (503, 0), (200, 1)),
    "trims_before_hashing": (m.note_with_blanks_at_its_ends, "DELIVERED", "PENDING"),
    "drops_empty_fields": (m.plain_purchase, ("DELIVERED", 1), ("PENDING", 0)),
    "fulfils_on_the_return": (m.invented_return, 0, 1),
    "cancel_return_ends_the_order": (m.forged_cancel_while_paying, ("PENDING", 1), ("CANCELLED", 0)),
    "honours_test_switches": (m.forged_with_switch, 0, 1),
    "takes_any_store_it_knows": (m.payment_to_somebody_else, 0, 1),
    "trusts_the_forwarded_address": (m.forged_from_the_gateways_address, 0, 1),
    "covers_only_what_the_sender_names": (m.signed_without_the_sum, 0, 1),
    "follows_a_redirected_validator": (m.redirected_validator, 0, 1),
    "pastes_the_val_id_into_the_address": (m.val_id_that_is_a_query, False, True),
    "expects_json": (m.plain_purchase, ("DELIVERED", 1), ("PENDING", 0)),
    "wants_a_csrf_token": (m.plain_purchase, ("DELIVERED", 1), ("PENDING", 0)),
    "takes_any_amount": (m.one_taka, 0, 1),
    "compares_the_amount_with_itself": (m.one_paisa_less, 0, 1),
    "allows_a_slack_of_one_unit": (m.one_paisa_less, 0, 1),
    "ignores_the_currency": (m.other_currency, 0, 1),
    "accepts_any_val_id": (m.val_id_of_a_cheap_order, 0, 1),
    "val_id_settles_again": (m.val_id_of_an_equal_order, 0, 1),
    "price_from_the_client": (m.clients_price, "1250.00", "10.00"),
    "store_amount_compared": (m.plain_purchase, ("DELIVERED", 1), ("NEEDS_REVIEW", 0)),
    "fulfils_while_held": (m.risky_payment, ("HELD", 0), ("DELIVERED", 1)),
    "fails_the_risky_payment": (m.risky_payment, ("HELD", 0), ("FAILED", 0)),
    "fulfils_each_duplicate": (m.told_twice, 1, 3),
    "settles_on_a_stale_reading": (m.told_thrice_at_once, 1, 3),
    "settles_on_each_channel": (m.told_by_two_channels, 1, 2),
    "forgets_duplicates_after_a_restart": (m.told_again_after_a_restart, 1, 2),
    "forgets_duplicates_after_a_while": (m.told_again_after_six_minutes, 1, 2),
    "marks_the_duplicate_before_the_work": (m.first_validation_lost, 1, 0),
    "accepts_only_valid": (m.first_validation_lost, 1, 0),
    "failure_after_success_undoes": (m.failure_after_success, "DELIVERED", "FAILED"),
    "ignores_success_after_failure": (m.success_after_failure, ("FAILED", "DELIVERED"), ("FAILED", "FAILED")),
    "cancelled_orders_stay_cancelled": (
        m.success_after_the_shoppers_cancel,
        ("CANCELLED", "1250.00", ["late_payment"]),
        ("CANCELLED", "1250.00", []),
    ),
    "forgets_early_news": (m.news_before_the_answer, 404, 200),
    "older_failure_undoes_newer_success": (m.old_failure_after_new_success, "DELIVERED", "FAILED"),
    "settles_on_the_return_too": (m.return_and_notification_at_once, 1, 2),
    "writes_what_it_read_before_the_call": (m.paid_while_cancelling, ("DELIVERED", 1), ("CANCELLED", 1)),
    "second_payment_is_ignored": (m.paid_twice, (1, ["second_payment"]), (1, [])),
    "second_payment_delivers_again": (m.paid_twice, (1, ["second_payment"]), (2, [])),
    "refunds_are_not_summed": (m.two_refunds_at_once, [202, 409], [202, 202]),
    "refunds_in_flight_are_not_counted": (m.two_refunds_at_once, [202, 409], [202, 202]),
    "delivers_what_was_refunded": (m.refund_while_delivering, (409, 1), (202, 1)),
    "refunds_at_the_first_failed_delivery": (m.first_delivery_fails, (1, True, 0), (1, True, 1)),
    "provisioning_retried_with_a_new_key": (m.first_delivery_fails, (1, True, 0), (2, True, 0)),
    "creates_a_second_session_blind": (m.create_answer_lost, 1, 0),
    "validation_timeout_is_failure": (m.validator_away, ("PENDING", "DELIVERED"), ("FAILED", "DELIVERED")),
    "takes_silence_for_a_yes": (m.validator_away, ("PENDING", "DELIVERED"), ("DELIVERED", "DELIVERED")),
    "refund_retried_with_a_new_reference": (m.refund_answer_lost, 1, 2),
    "no_reconciliation": (m.nobody_tells, 1, 0),
    "gives_up_the_delivery": (m.first_delivery_fails, (1, True, 0), (1, False, 0)),
}
# The catalogue's S0 and S1 cases of groups A to F that SSLCommerz has, and B07.
CASES = {
    *(f"A{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13)),
    *(f"B{number:02}" for number in range(1, 8)),
    *(f"C{number:02}" for number in range(1, 7)),
    *(f"D{number:02}" for number in (1, 2, 3, 4, 6)),
    *(f"E{number:02}" for number in range(1, 7)),
    *(f"F{number:02}" for number in (1, 2, 3, 5, 6, 7)),
}


@pytest.mark.parametrize("misfortune", dict.fromkeys(one for one, _, _ in SEEN.values()), ids=lambda one: one.__name__)
async def test_the_right_shop_stands_every_misfortune(misfortune: Misfortune) -> None:
    [right] = {str(right) for one, right, _ in SEEN.values() if one is misfortune}
    async with open_shop() as shop:
        assert str(await misfortune(shop)) == right


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
async def test_a_flaw_misbehaves_where_it_is_said_to(flaw: Flaw) -> None:
    misfortune, right, wrong = SEEN[flaw.name]
    async with open_shop(flaw.name) as shop:
        seen = await misfortune(shop)
        assert seen == wrong
        assert seen != right


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
async def test_two_flaws_live_side_by_side(flaw: Flaw) -> None:
    async with open_stand() as stand:
        told = await stand.control("PUT", "/shop", body={"flaws": ["accepts_only_valid", flaw.name]})
        assert set(told["flaws"]) == {"accepts_only_valid", flaw.name}


def test_every_case_has_a_flaw_and_every_flaw_is_told_whole() -> None:
    assert {case for flaw in FLAWS for case in flaw.cases} == CASES
    assert len({flaw.name for flaw in FLAWS}) == len(FLAWS) == len(SEEN)
    assert all(flaw.summary and flaw.source and issubclass(flaw.decisions, Decisions) for flaw in FLAWS)


async def test_a_flaw_that_nobody_knows_is_refused_with_the_way_to_the_list() -> None:
    async with open_stand() as stand:
        answer = await stand.ask_control("PUT", "/shop", body={"flaws": ["sells_air"]})
        assert (answer.status_code, "sells_air" in answer.text, "/_control/flaws" in answer.text) == (422, True, True)
        assert SettingsError.__name__ not in answer.text
