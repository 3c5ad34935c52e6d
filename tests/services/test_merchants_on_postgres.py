"""What merchants ask about themselves, their refunds, figures and shoppers, told by the same stories on PostgreSQL."""

from collections.abc import Awaitable, Callable

import pytest

from tests.reference_server.apis.payments import test_merchants, test_privacy, test_refunds, test_stats
from tests.reference_server.engine import on_postgres
from tests.services.postgres_server import PostgresServer

STORIES: tuple[Callable[[], Awaitable[None]], ...] = (
    test_merchants.test_an_email_is_of_one_merchant_whatever_its_capitals,
    test_merchants.test_secrets_are_stored_as_digests_alone,
    test_merchants.test_a_rotation_without_overlap_ends_every_older_secret_at_once,
    test_merchants.test_the_secret_of_one_merchant_is_none_of_another,
    test_refunds.test_a_part_goes_back_and_says_when_it_was_there,
    test_refunds.test_both_paths_ask_for_the_same,
    test_refunds.test_the_list_is_newest_first_and_filtered,
    test_refunds.test_what_the_gateway_refuses_is_told_and_frees_its_sum,
    test_stats.test_rate_volume_and_time_to_final_are_those_of_the_payments,
    test_stats.test_rows_are_by_gateway_method_and_span_and_add_up,
    test_stats.test_a_filter_leaves_the_others_out,
    test_privacy.test_an_erased_order_is_still_answered,
    test_privacy.test_the_money_is_told_as_before,
    test_privacy.test_an_answer_under_an_idempotency_key_is_given_again_without_the_shopper,
    test_privacy.test_another_shopper_and_another_merchant_keep_everything,
    test_privacy.test_an_export_is_complete_and_only_theirs,
    test_privacy.test_the_audit_trail_says_that_it_was_done_and_nothing_of_whom,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_story_holds_on_postgresql_too(
    story: Callable[[], Awaitable[None]], postgres: PostgresServer
) -> None:
    with on_postgres(postgres):
        await story()


@pytest.mark.parametrize("person", [{"email": "CANARY.person@shop.example"}, {"phone": "8801711777333"}])
async def test_a_shopper_is_found_on_postgresql_however_written(
    person: dict[str, str], postgres: PostgresServer
) -> None:
    with on_postgres(postgres):
        await test_privacy.test_a_shopper_is_found_by_email_and_phone_however_written(person)
